package talweg.cpu;

import java.util.Locale;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector shapes, as constants of the just-in-time compiler. Loading this class needs the Vector
 * API: see {@link VectorLookup}, which must be asked first.
 */
final class Lanes {
  /** Forces the width in bits; for tests, and for processors that clock down at full width. */
  static final String BITS_PROPERTY = "talweg.cpu.vectorBits";

  static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, shape());
  static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, shape());

  /** As many floats as {@link #DOUBLES} has lanes. */
  static final VectorSpecies<Float> NARROW_FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));

  private Lanes() {}

  /** Bits of the processor's widest vector. */
  static int preferredBits() {
    return Math.min(
        FloatVector.SPECIES_PREFERRED.vectorBitSize(),
        DoubleVector.SPECIES_PREFERRED.vectorBitSize());
  }

  private static VectorShape shape() {
    int bits = Integer.getInteger(BITS_PROPERTY, preferredBits());
    if (bits != 128 && bits != 256 && bits != 512) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "cpu: -D%s=%d: expected 128, 256 or 512, or no such option for the processor's own"
                  + " %d",
              BITS_PROPERTY,
              bits,
              preferredBits()));
    }
    return VectorShape.forBitSize(bits);
  }
}
