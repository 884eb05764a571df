package talweg.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static talweg.reference.Layout.values;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.op.UnaryKind;
import talweg.spi.Erf;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class UnaryTest {
  private static final double P = 0.75;
  private static final double Q = 2.5;

  private final ReferenceBackend backend = new ReferenceBackend();

  /** The formula as {@link UnaryKind} states it, which is good enough for moderate arguments. */
  private static double formula(UnaryKind kind, double x) {
    return switch (kind) {
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SQRT -> Math.sqrt(x);
      case RSQRT -> 1 / Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case SQUARE -> x * x;
      case POW -> Math.pow(x, P);
      case SIN -> Math.sin(x);
      case COS -> Math.cos(x);
      case ERF -> Erf.erf(x);
      case ABS -> x < 0 ? -x : x;
      case SIGN -> x > 0 ? 1 : -1;
      case TANH -> (Math.exp(2 * x) - 1) / (Math.exp(2 * x) + 1);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case RELU -> x > 0 ? x : 0;
      case LEAKY_RELU -> x > 0 ? x : P * x;
      case ELU -> x > 0 ? x : P * (Math.exp(x) - 1);
      case SILU -> x / (1 + Math.exp(-x));
      case GELU -> x * (1 + Erf.erf(x / Math.sqrt(2))) / 2;
      case GELU_TANH ->
          x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2;
      case SOFTPLUS -> P * x > Q ? x : Math.log(1 + Math.exp(P * x)) / P;
      case CLAMP -> x < P ? P : x > Q ? Q : x;
    };
  }

  @ParameterizedTest
  @EnumSource
  void followsItsFormulaInEveryLayoutAndType(UnaryKind kind) {
    double[] x = {-2, -0.5, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4.25};
    double[] expected = Arrays.stream(x).map(v -> formula(kind, v)).toArray();
    Shape shape = Shape.of(2, 3, 2);
    for (Layout layout : Layout.values()) {
      View in = layout.of(DType.F64, shape, x);
      View out = Layout.SLICED.view(DType.F64, shape);
      backend.unary(kind, P, Q, in, out);
      assertArrayEquals(expected, values(out), 2e-15, layout + " F64");

      View out32 = layout.view(DType.F32, shape);
      backend.unary(kind, P, Q, Layout.DENSE.of(DType.F32, shape, x), out32);
      for (int i = 0; i < x.length; i++) {
        assertEquals(
            expected[i], values(out32)[i], relative(0x1p-23, expected[i]), layout + " F32");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void worksInPlaceAndOnNothing(UnaryKind kind) {
    View x = Layout.REVERSED_AXES.of(DType.F64, Shape.of(2, 2), 0.25, 0.5, 1.5, 3);
    backend.unary(kind, P, Q, x, x);
    for (int i = 0; i < 4; i++) {
      assertEquals(formula(kind, new double[] {0.25, 0.5, 1.5, 3}[i]), values(x)[i], 2e-15);
    }
    View nothing = Layout.SLICED.view(DType.F32, Shape.of(2, 0, 3));
    backend.unary(kind, P, Q, nothing, nothing);
  }

  @ParameterizedTest
  @EnumSource
  void keepsNaN(UnaryKind kind) {
    assertEquals(Double.NaN, unary(kind, P, Q, Double.NaN));
  }

  @Test
  void readsStrideZero() {
    View in = Layout.vector(DType.F64, 3).expand(Shape.of(2, 2));
    View out = Layout.DENSE.view(DType.F64, Shape.of(2, 2));
    backend.unary(UnaryKind.SQUARE, 0, 0, in, out);
    assertArrayEquals(new double[] {9, 9, 9, 9}, values(out));
  }

  @ParameterizedTest
  @CsvSource({
    "SIGMOID, -Infinity, 0",
    "SIGMOID, Infinity, 1",
    "SIGMOID, -1000, 0",
    "SIGMOID, -720, 2.0322308024e-313",
    "TANH, -1000, -1",
    "TANH, 1000, 1",
    "SILU, -1000, -0.0",
    "SILU, 1e300, 1e300",
    "GELU, -1000, -0.0",
    "GELU, 1e300, 1e300",
    "GELU, -37.5, -1.7270073785932332e-306",
    "GELU, -12.5, -4.665705373597142e-35",
    "GELU, -8, -4.976768459417427e-15",
    "GELU, 4, 3.9998733150326675",
    "GELU_TANH, -1e150, -0.0",
    "GELU_TANH, 1e150, 1e150",
    "GELU_TANH, -8, -3.1077829375011112e-21",
    "RELU, Infinity, Infinity",
    "SIGN, 0.0, 0.0",
    "SIGN, -Infinity, -1",
    "SQRT, -1, NaN",
    "LOG, 0, -Infinity",
    "LOG, -1, NaN",
    "RECIPROCAL, -0.0, -Infinity",
    "RSQRT, 0, Infinity",
    "EXP, 1000, Infinity"
  })
  void isExactInTheExtremes(UnaryKind kind, double x, double expected) {
    assertEquals(expected, unary(kind, 0, 0, x), relative(1e-13, expected));
  }

  @ParameterizedTest
  @CsvSource({
    "SOFTPLUS, 1, 20, 1000, 1000",
    "SOFTPLUS, 1, 20, -1000, 0",
    "SOFTPLUS, 1, 20, -100, 3.720075976020836e-44",
    "SOFTPLUS, 1, 20, 20, 20.000000002061153",
    "SOFTPLUS, 1, 20, 20.001, 20.001",
    "SOFTPLUS, 2, 20, 10.5, 10.5",
    "SOFTPLUS, 1, Infinity, 1e300, 1e300",
    "ELU, 0.5, 0, -1000, -0.5",
    "ELU, 0.5, 0, -1e-20, -5e-21",
    "ELU, 0.5, 0, 1000, 1000",
    "LEAKY_RELU, 0.5, 0, -8, -4",
    "CLAMP, -1, 1, Infinity, 1",
    "CLAMP, -Infinity, 0, -5, -5",
    "POW, 2, 0, 0, 0",
    "POW, 0, 0, 0, 1",
    "POW, -1, 0, 0, Infinity",
    "POW, 0.5, 0, -1, NaN",
    "POW, 3, 0, -2, -8"
  })
  void isExactInTheExtremesWithConstants(
      UnaryKind kind, double p, double q, double x, double expected) {
    assertEquals(expected, unary(kind, p, q, x), relative(1e-15, expected));
  }

  @Test
  void roundsConstantsToTheElementType() {
    View x = Layout.vector(DType.F32, -16777216);
    backend.unary(UnaryKind.LEAKY_RELU, 0.1, 0, x, x);
    assertEquals((float) 0.1 * -16777216.0, values(x)[0]);
  }

  private static double relative(double tolerance, double expected) {
    return Double.isFinite(expected) ? tolerance * Math.abs(expected) : 0;
  }

  private double unary(UnaryKind kind, double p, double q, double x) {
    View view = Layout.vector(DType.F64, x);
    backend.unary(kind, p, q, view, view);
    return values(view)[0];
  }
}
