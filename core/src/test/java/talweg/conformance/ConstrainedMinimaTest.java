package talweg.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.solve.AugmentedLagrangian;
import talweg.solve.KktNewton;
import talweg.solve.Problem;
import talweg.solve.Solution;

/**
 * The public problems with constraints: both methods converge, and one of them within three times
 * the iterations of the reference. (The barrier takes some steps to vanish, also where a method
 * that guesses the active constraints needs two.)
 */
class ConstrainedMinimaTest {
  @TestFactory
  Stream<DynamicTest> iterations() throws IOException {
    return GoldenVectorsTest.publicCases("secondorder/*").stream()
        .filter(c -> c.root().get("kind").text().equals("constrained"))
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c.root())));
  }

  private static void check(Field golden) {
    try (Session session = new Session(new ReferenceBackend())) {
      Problem problem = SecondOrderProblem.of(golden, session);
      double[] start = golden.get("x0").numbers();
      Solution kkt = KktNewton.DEFAULT.minimize(problem, start);
      Solution multipliers = AugmentedLagrangian.DEFAULT.minimize(problem, start);
      assertTrue(kkt.converged(), kkt::message);
      assertTrue(multipliers.converged(), multipliers::message);
      int fewer = Math.min(kkt.iterations(), multipliers.iterations());
      for (Field run : golden.has("reference_runs") ? runs(golden) : List.<Field>of()) {
        int bound = 3 * run.get("iterations").integer();
        assertTrue(fewer <= bound, () -> fewer + " iterations, expected at most " + bound);
      }
    }
  }

  private static List<Field> runs(Field golden) {
    return golden.get("reference_runs").list();
  }
}
