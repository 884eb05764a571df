package talweg.conformance;

import java.util.List;
import talweg.session.Session;
import talweg.tensor.DType;

/** Runs golden vectors on a session's backend. */
public final class Conformance {
  private Conformance() {}

  /** Runs a case in every precision that it is defined for and returns the worse result. */
  public static CaseResult run(GoldenCase golden, Session session) {
    return precisions(golden).stream()
        .map(dtype -> run(golden, session, dtype))
        .reduce(CaseResult::worse)
        .orElseThrow();
  }

  /** The precisions that a case is defined for: F64, and where tensors are involved F32. */
  public static List<DType> precisions(GoldenCase golden) {
    return switch (golden.area()) {
      case "schedules", "secondorder" -> List.of(DType.F64);
      default -> List.of(DType.F64, DType.F32);
    };
  }

  /** Runs a case in one precision. Never throws for what happens in the case: that is a failure. */
  public static CaseResult run(GoldenCase golden, Session session, DType dtype) {
    try (var _ = session.scope(golden.id())) {
      if (!precisions(golden).contains(dtype)) {
        throw new NotOffered(golden.area() + " in " + dtype);
      }
      AreaRunner runner = runner(golden.area());
      Comparison comparison = new Comparison(dtype, tolerance(golden, dtype));
      runner.run(golden.root(), session, dtype, comparison);
      return comparison.result(golden, session);
    } catch (NotOffered e) {
      return result(golden, session, dtype, CaseResult.Status.SKIPPED, e.getMessage());
    } catch (RuntimeException | AssertionError e) {
      String message = e.getClass().getSimpleName() + ": " + e.getMessage();
      return result(golden, session, dtype, CaseResult.Status.FAILED, message);
    }
  }

  private static AreaRunner runner(String area) {
    return switch (area) {
      case "autodiff" -> new AutodiffRunner();
      case "optimizers" -> new OptimizerRunner();
      case "clipping" -> new ClippingRunner();
      case "schedules" -> new ScheduleRunner();
      case "training" -> new TrainingRunner();
      case "secondorder" -> new SecondOrderRunner();
      default -> throw new NotOffered("area \"" + area + "\"");
    };
  }

  private static double tolerance(GoldenCase golden, DType dtype) {
    return Comparison.tolerance(golden.root().get("tolerance"), dtype);
  }

  private static CaseResult result(
      GoldenCase golden, Session session, DType dtype, CaseResult.Status status, String detail) {
    return new CaseResult(
        golden.area(),
        golden.name(),
        session.backend().name(),
        dtype,
        status,
        Double.NaN,
        Double.NaN,
        detail);
  }
}
