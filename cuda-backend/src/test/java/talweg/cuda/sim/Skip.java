package talweg.cuda.sim;

import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** Skips tests so that the build's output says it, and why. */
public final class Skip {
  private Skip() {}

  /** Skips the test that runs, if there is a reason. */
  public static void test(Optional<String> reason) {
    reason.ifPresent(text -> {
      System.out.println("SKIPPED: " + text);
      Assumptions.abort(text);
    });
  }
}
