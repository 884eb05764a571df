package talweg.conformance;

import java.util.List;
import talweg.error.DataFormatException;

/** One golden vector: inputs, hyperparameters and the results that a reference library found. */
public final class GoldenCase {
  private static final int FORMAT = 1;

  private final String area;
  private final String name;
  private final List<String> tags;
  private final Field root;

  GoldenCase(Field root) {
    int format = root.get("format").integer();
    if (format != FORMAT) {
      throw new DataFormatException(
          root.path()
              + ": format "
              + format
              + " is not known; this version reads format "
              + FORMAT);
    }
    this.area = root.get("area").text();
    this.name = root.get("case").text();
    this.tags = root.get("tags").list().stream().map(Field::text).toList();
    this.root = root;
  }

  /** The folder: optimizers, clipping, schedules, autodiff, training or secondorder. */
  public String area() {
    return area;
  }

  /** The name within the area. */
  public String name() {
    return name;
  }

  /** Area and name, e.g. {@code autodiff/matmul_2d}. */
  public String id() {
    return area + "/" + name;
  }

  /** What the case asks for: {@code core}, {@code optional}, {@code edge}, {@code second_order}. */
  public List<String> tags() {
    return tags;
  }

  Field root() {
    return root;
  }

  @Override
  public String toString() {
    return id();
  }
}
