package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MainTest {
  @Test
  void versionAndHelpAreOnStandardOutput() {
    Cli version = Cli.run("--version");
    assertEquals(0, version.exitCode());
    assertTrue(version.out().startsWith("talweg "), version.out());
    Cli help = Cli.run("--help");
    assertEquals(0, help.exitCode());
    assertTrue(help.out().contains("train") && help.out().contains("doctor"), help.out());
  }

  @Test
  void noCommandAndUnknownCommandsAreWrongUsage() {
    assertEquals(2, Cli.run().exitCode());
    Cli unknown = Cli.run("trian");
    assertEquals(2, unknown.exitCode());
    assertTrue(unknown.err().contains("trian"), unknown.err());
  }

  @Test
  void doctorListsEveryBackendWithItsReason() {
    Cli doctor = Cli.run("doctor", "--json");
    assertEquals(0, doctor.exitCode(), doctor.err());
    assertTrue(doctor.out().contains("\"backend\":\"cpu\",\"available\":true"), doctor.out());
    assertTrue(
        doctor.out().contains("\"backend\":\"cuda\",\"available\":false,\"reason\":"),
        doctor.out());
    // Named, but not loaded.
    assertTrue(doctor.out().contains("\"backend\":\"nd4j\",\"available\":"), doctor.out());
    assertTrue(doctor.out().lines().allMatch(line -> line.startsWith("{")), doctor.out());
  }
}
