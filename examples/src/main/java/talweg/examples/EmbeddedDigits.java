package talweg.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import talweg.data.Dataset;
import talweg.data.Digits;

/**
 * The UCI handwritten digits that come with the program: 1,797 images of 8x8 pixels in 10 classes.
 */
public final class EmbeddedDigits {
  private EmbeddedDigits() {}

  public static Dataset load() {
    try (InputStream in = EmbeddedDigits.class.getResourceAsStream("/talweg/data/digits.csv.gz")) {
      return Digits.read(in);
    } catch (IOException e) {
      throw new UncheckedIOException("the embedded digits cannot be read: " + e.getMessage(), e);
    }
  }
}
