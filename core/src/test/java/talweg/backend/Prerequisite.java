package talweg.backend;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * What a test needs of the machine. A test that does without is skipped and says so on standard
 * output; where a machine like this one has to have it, the test fails, so that a green build has
 * run it. {@code -Dtalweg.test.complete=true} lets every missing prerequisite fail.
 */
public final class Prerequisite {
  private Prerequisite() {}

  /**
   * Goes on only if something is there.
   *
   * @param expected whether its absence on this machine is a failure
   * @param missing what to say of its absence
   */
  public static void require(boolean present, boolean expected, String missing) {
    if (present) {
      return;
    }
    if (expected || Boolean.getBoolean("talweg.test.complete")) {
      fail("a prerequisite of this test is missing: " + missing);
    }
    System.out.println("test skipped: " + missing);
    Assumptions.abort(missing);
  }

  /** Skips the test that runs if something is missing that not every machine like this one has. */
  public static void skipIf(Optional<String> missing) {
    missing.ifPresent(text -> require(false, false, text));
  }

  /** Whether this is the platform for which every native library is in the build. */
  public static boolean isLinuxOnAmd64() {
    return System.getProperty("os.name").equals("Linux")
        && System.getProperty("os.arch").equals("amd64");
  }
}
