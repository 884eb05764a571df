package talweg.report;

import java.util.List;
import java.util.Locale;
import talweg.data.Standardizer;
import talweg.train.Evaluation;

/**
 * How the loss of a training is shown to people. Targets are standardised for training; where a
 * loss of a single one can be said in the target's own unit, it is: the squared error as its root,
 * the absolute error as it is. JSON and files keep the loss that is minimised.
 */
public final class LossText {
  private final String name;
  private final boolean root;
  private final double unit;
  private final String target;

  private LossText(String name, boolean root, double unit, String target) {
    this.name = name;
    this.root = root;
    this.unit = unit;
    this.target = target;
  }

  /**
   * The text for a loss.
   *
   * @param objective name of the loss
   * @param targets names of the targets, none for classes
   * @param standardizer how the targets were standardised, or null
   */
  public static LossText of(String objective, List<String> targets, Standardizer standardizer) {
    double unit = standardizer == null ? 1 : standardizer.std()[0];
    boolean single = targets.size() == 1;
    if (single && objective.equals("mse")) {
      return new LossText("rmse", true, unit, targets.getFirst());
    }
    if (single && objective.equals("l1")) {
      return new LossText("mae", false, unit, targets.getFirst());
    }
    return new LossText("loss", false, 1, null);
  }

  /** Loss, and accuracy where there are classes. */
  public String of(Evaluation e) {
    return withAccuracy(e, "accuracy");
  }

  /** The same in fewer letters. */
  public String brief(Evaluation e) {
    return withAccuracy(e, "acc");
  }

  /** What the number is called. */
  public String name() {
    return name;
  }

  /** Loss alone. */
  public String loss(Evaluation e) {
    return name + " " + value(e);
  }

  /** The number alone. */
  public String value(Evaluation e) {
    if (name.equals("loss")) {
      return shown(e.loss(), "%.4f");
    }
    return shown(unit * (root ? Math.sqrt(e.loss()) : e.loss()), "%.5g");
  }

  /** What follows results: the target and its unit, or nothing. */
  public String unit() {
    return target == null ? "" : " (%s, in its units)".formatted(target);
  }

  /** What the shown loss is, or nothing where it is just the loss. */
  public String explanation() {
    if (target == null) {
      return "";
    }
    return root
        ? "mse of the standardised target, shown as its root (rmse) in units of " + target
        : "absolute error of the standardised target, shown (mae) in units of " + target;
  }

  private String withAccuracy(Evaluation e, String label) {
    return Double.isNaN(e.accuracy())
        ? loss(e)
        : loss(e) + String.format(Locale.ROOT, " %s %.4f", label, e.accuracy());
  }

  /** In few characters, whatever the size. */
  private static String shown(double value, String usual) {
    double size = Math.abs(value);
    if (size >= 1e9 || size != 0 && size < 1e-4 && usual.endsWith("g")) {
      return String.format(Locale.ROOT, "%.3e", value);
    }
    return String.format(Locale.ROOT, size >= 1e5 ? "%,.0f" : usual, value);
  }
}
