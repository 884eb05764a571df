package talweg.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ErfTest {
  private static final double TOLERANCE = 1e-15;

  /** x, erf(x), erfc(x), erfc(-x), rounded from 90 digits (mpmath). */
  private static final double[][] KNOWN = {
    {5e-324, 5e-324, 1.0, 1.0},
    {1e-300, 1.1283791670955126e-300, 1.0, 1.0},
    {1e-20, 1.1283791670955125e-20, 1.0, 1.0},
    {1e-09, 1.1283791670955127e-09, 0.9999999988716208, 1.0000000011283792},
    {0.001, 0.0011283787909692365, 0.9988716212090307, 1.0011283787909693},
    {0.1, 0.1124629160182849, 0.887537083981715, 1.1124629160182848},
    {0.25, 0.27632639016823696, 0.7236736098317631, 1.276326390168237},
    {0.46874, 0.49260441524411136, 0.5073955847558886, 1.4926044152441114},
    {0.46875, 0.49261347321793797, 0.507386526782062, 1.492613473217938},
    {0.46876, 0.4926225311068465, 0.5073774688931535, 1.4926225311068466},
    {0.5, 0.5204998778130465, 0.4795001221869535, 1.5204998778130465},
    {0.50001, 0.5205086655948966, 0.47949133440510344, 1.5205086655948965},
    {0.75, 0.7111556336535151, 0.28884436634648486, 1.7111556336535152},
    {0.84375, 0.7672256612323416, 0.23277433876765838, 1.7672256612323416},
    {1.0, 0.8427007929497149, 0.15729920705028513, 1.8427007929497148},
    {1.25, 0.9229001282564583, 0.07709987174354177, 1.9229001282564582},
    {1.5, 0.9661051464753108, 0.033894853524689274, 1.9661051464753108},
    {2.0, 0.9953222650189527, 0.004677734981047266, 1.9953222650189528},
    {2.5, 0.999593047982555, 0.0004069520174449589, 1.999593047982555},
    {2.857142857142857, 0.9999466876886117, 5.3312311388322795e-05, 1.9999466876886116},
    {3.5, 0.9999992569016276, 7.430983723414128e-07, 1.9999992569016276},
    {3.9999, 0.9999999845700388, 1.5429961215558176e-08, 1.9999999845700387},
    {4.0, 0.9999999845827421, 1.541725790028002e-08, 1.999999984582742},
    {4.0001, 0.9999999845954353, 1.5404564743590145e-08, 1.9999999845954353},
    {5.0, 0.9999999999984626, 1.537459794428035e-12, 1.9999999999984626},
    {5.9, 0.9999999999999999, 7.190409783550478e-17, 2.0},
    {6.5, 1.0, 3.8421483271206475e-20, 2.0},
    {10.0, 1.0, 2.088487583762545e-45, 2.0},
    {15.5, 1.0, 1.6632016400488723e-106, 2.0},
    {20.0, 1.0, 5.395865611607901e-176, 2.0},
    {26.0, 1.0, 5.663192408856143e-296, 2.0},
    {26.5, 1.0, 2.2109076642637343e-307, 2.0},
    {27.0, 1.0, 5.23705e-319, 2.0}
  };

  @Test
  void agreesWithKnownValues() {
    for (double[] row : KNOWN) {
      double x = row[0];
      assertRelative("erf", x, row[1], Erf.erf(x));
      assertRelative("erf", -x, -row[1], Erf.erf(-x));
      assertRelative("erfc", x, row[2], Erf.erfc(x));
      assertRelative("erfc", -x, row[3], Erf.erfc(-x));
    }
  }

  private static void assertRelative(String name, double x, double expected, double actual) {
    double bound = Math.max(TOLERANCE * Math.abs(expected), 2 * Double.MIN_VALUE);
    assertEquals(expected, actual, bound, () -> name + "(" + x + ")");
  }

  @Test
  void keepsTheLimitsAndNaN() {
    assertEquals(1, Erf.erf(Double.POSITIVE_INFINITY));
    assertEquals(-1, Erf.erf(Double.NEGATIVE_INFINITY));
    assertEquals(0, Erf.erfc(Double.POSITIVE_INFINITY));
    assertEquals(2, Erf.erfc(Double.NEGATIVE_INFINITY));
    assertEquals(1, Erf.erf(Double.MAX_VALUE));
    assertEquals(0, Erf.erfc(Double.MAX_VALUE));
    assertEquals(Double.NaN, Erf.erf(Double.NaN));
    assertEquals(Double.NaN, Erf.erfc(Double.NaN));
    assertEquals(0.0, Erf.erf(0.0));
    assertEquals(-0.0, Erf.erf(-0.0));
    assertEquals(1, Erf.erfc(0.0));
  }

  /** A wrong branch or coefficient would break a derivative: it is known exactly. */
  @Test
  void hasTheRightSlopeEverywhere() {
    double h = 1e-3;
    for (double x = -6; x <= 6; x += 0.0137) {
      double slope =
          (8 * (Erf.erf(x + h) - Erf.erf(x - h)) - (Erf.erf(x + 2 * h) - Erf.erf(x - 2 * h)))
              / (12 * h);
      assertEquals(2 / Math.sqrt(Math.PI) * Math.exp(-x * x), slope, 1e-11, "erf' at " + x);
    }
  }

  @Test
  void erfcDecreasesToZeroThroughItsTail() {
    double last = Erf.erfc(0.4);
    for (double x = 0.41; x < 26.5; x += 0.01) {
      double next = Erf.erfc(x);
      assertTrue(next < last, "erfc at " + x);
      last = next;
    }
    assertEquals(0, Erf.erfc(28));
  }
}
