package talweg.conformance;

import java.util.ArrayList;
import java.util.List;
import talweg.error.NonFiniteException;
import talweg.optim.Clip;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Clipping of gradients by norm and by value. */
final class ClippingRunner implements AreaRunner {
  @Override
  public void run(Field golden, Session session, DType dtype, Comparison comparison) {
    List<Tensor> gradients = new ArrayList<>();
    for (Field gradient : golden.get("gradients").list()) {
      gradients.add(gradient.isNull() ? null : gradient.tensor(session, dtype));
    }
    Field expected = golden.get("expected");
    String kind = golden.get("kind").text();
    switch (kind) {
      case "norm" -> byNorm(golden, session, gradients, comparison);
      case "value" -> Clip.byValue(gradients, new Clip.ByValue(golden.get("clip_value").number()));
      default -> throw new NotOffered("clipping by \"" + kind + "\"");
    }
    List<Field> clipped = expected.get("gradients").list();
    for (int i = 0; i < clipped.size(); i++) {
      if (!clipped.get(i).isNull()) {
        comparison.tensor("gradient " + i, gradients.get(i), clipped.get(i));
      }
    }
  }

  private static void byNorm(
      Field golden, Session session, List<Tensor> gradients, Comparison comparison) {
    Clip.ByGlobalNorm clip =
        new Clip.ByGlobalNorm(golden.get("max_norm").number(), golden.get("norm_type").number());
    Field expected = golden.get("expected");
    boolean refuses = expected.flag("error", false);
    double norm;
    try {
      norm =
          golden.flag("error_if_nonfinite", false)
              ? Clip.byFiniteGlobalNorm(session, gradients, clip)
              : Clip.byGlobalNorm(session, gradients, clip).item();
    } catch (NonFiniteException e) {
      if (!refuses) {
        comparison.fail("total norm", e.getMessage());
      }
      return;
    }
    if (refuses) {
      comparison.fail("total norm", "is " + norm + ", which should have been refused");
    } else {
      comparison.scaled("total norm", new double[] {norm}, expected.get("total_norm").reference());
    }
  }
}
