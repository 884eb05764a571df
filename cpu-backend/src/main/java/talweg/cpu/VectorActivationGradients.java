package talweg.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import talweg.op.FusedActivation;

/**
 * The loops of {@link ActivationGradients} on the Vector API, with the same bits. ReLU gains the
 * most: which elements pass is as good as random, and each branch that is predicted wrongly costs
 * more than a whole vector.
 */
final class VectorActivationGradients {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int STEP = FLOATS.length();

  private VectorActivationGradients() {}

  static void apply(
      FusedActivation kind, float[] y, int yo, float[] g, int go, float[] out, int oo, int n) {
    int whole = FLOATS.loopBound(n);
    switch (kind) {
      case NONE -> System.arraycopy(g, go, out, oo, whole);
      case RELU -> relu(y, yo, g, go, out, oo, whole);
      case TANH -> tanh(y, yo, g, go, out, oo, whole);
      case SIGMOID -> sigmoid(y, yo, g, go, out, oo, whole);
    }
    ActivationGradients.apply(kind, y, yo + whole, g, go + whole, out, oo + whole, n - whole);
  }

  private static void relu(float[] y, int yo, float[] g, int go, float[] out, int oo, int n) {
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int i = 0; i < n; i += STEP) {
      FloatVector result = FloatVector.fromArray(FLOATS, y, yo + i);
      FloatVector slope = FloatVector.fromArray(FLOATS, g, go + i);
      zero.blend(slope, result.compare(VectorOperators.GT, 0f)).intoArray(out, oo + i);
    }
  }

  private static void tanh(float[] y, int yo, float[] g, int go, float[] out, int oo, int n) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int i = 0; i < n; i += STEP) {
      FloatVector result = FloatVector.fromArray(FLOATS, y, yo + i);
      FloatVector slope = FloatVector.fromArray(FLOATS, g, go + i);
      slope.mul(one.sub(result.mul(result))).intoArray(out, oo + i);
    }
  }

  private static void sigmoid(float[] y, int yo, float[] g, int go, float[] out, int oo, int n) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int i = 0; i < n; i += STEP) {
      FloatVector result = FloatVector.fromArray(FLOATS, y, yo + i);
      FloatVector slope = FloatVector.fromArray(FLOATS, g, go + i);
      slope.mul(result.mul(one.sub(result))).intoArray(out, oo + i);
    }
  }
}
