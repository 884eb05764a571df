package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

/** Standardizers that are fitted on features outside the heap, which are read twice. */
class StandardizerPassesTest {
  /** One column of consecutive numbers from a file that is cut after {@code sound} checks. */
  private static final class Cut implements Features {
    private final int sound;
    private int checks;

    Cut(int sound) {
      this.sound = sound;
    }

    @Override
    public int rows() {
      return 4;
    }

    @Override
    public int width() {
      return 1;
    }

    @Override
    public void requireIntact() {
      if (++checks > sound) {
        throw new UncheckedIOException(new IOException("cut"));
      }
    }

    @Override
    public void copy(int row, float[] into, int at) {
      into[at] = row;
    }
  }

  private static Dataset dataset(Features features) {
    return Dataset.classification("d", features, new int[] {1}, new int[4], 2);
  }

  @Test
  void eachPassChecksThatTheFileIsIntact() {
    for (int sound = 0; sound < 2; sound++) {
      Dataset data = dataset(new Cut(sound));
      assertThrows(UncheckedIOException.class, () -> Standardizer.fit(data), "check " + sound);
    }
    Standardizer fitted = Standardizer.fit(dataset(new Cut(2)));
    assertEquals(1.5, fitted.mean()[0]);
    assertEquals(Math.sqrt(1.25), fitted.std()[0], 1e-15);
  }

  @Test
  void theFirstRowIsNotTheOnlyOneThatCounts() {
    Standardizer fitted =
        Standardizer.fit(
            Dataset.classification(
                "d", new float[] {5, 7, 5, 7, 5, 9}, new int[] {2}, new int[3], 2));
    assertArrayEquals(new double[] {1, Math.sqrt(8 / 9.0)}, fitted.std(), 1e-15);
  }
}
