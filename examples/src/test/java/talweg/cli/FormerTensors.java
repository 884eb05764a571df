package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Set;
import talweg.io.HostTensor;
import talweg.tensor.DType;

/** Compares tensors of files by name. */
final class FormerTensors {
  /** Where Java's Math has the functions that the files were computed with. */
  private static final boolean SAME_MATH =
      Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"));

  private FormerTensors() {}

  /** Every bit, or nearly, where exp and log may be others. */
  static void assertSame(Map<String, HostTensor> expected, Map<String, HostTensor> actual) {
    if (!SAME_MATH) {
      assertNear(expected, actual, 1e-5);
      return;
    }
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, tensor) -> {
      assertEquals(tensor.toString(), actual.get(name).toString(), name);
      assertEquals(-1, tensor.data().mismatch(actual.get(name).data()), name);
    });
  }

  static void assertNear(
      Map<String, HostTensor> expected, Map<String, HostTensor> actual, double tolerance) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, tensor) -> {
      assertEquals(tensor.toString(), actual.get(name).toString(), name);
      assertArrayEquals(numbers(tensor), numbers(actual.get(name)), tolerance, name);
    });
  }

  private static double[] numbers(HostTensor tensor) {
    MemorySegment data = tensor.data();
    boolean wide = tensor.dtype() == DType.F64;
    double[] numbers = new double[Math.toIntExact(data.byteSize() / (wide ? 8 : 4))];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] =
          wide
              ? data.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i)
              : data.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
    }
    return numbers;
  }
}
