package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.error.BackendUnavailableException;
import talweg.session.Backends;
import talweg.spi.DeviceSpec;

/** The backend on machines without an NVIDIA driver: it says so, and does no harm. */
class NoDriverTest {
  @TempDir private Path folder;
  private String before;

  @BeforeEach
  void hideTheDriver() {
    before = System.setProperty(DriverLibrary.PROPERTY, missing());
  }

  @AfterEach
  void showItAgain() {
    if (before == null) {
      System.clearProperty(DriverLibrary.PROPERTY);
    } else {
      System.setProperty(DriverLibrary.PROPERTY, before);
    }
  }

  private String missing() {
    return folder.resolve("libcuda.so.1").toString();
  }

  @Test
  void theReasonIsOneParagraphWithTheFile() {
    String reason = new CudaProvider().unavailableReason().orElseThrow();
    assertTrue(reason.contains(missing()), reason);
    assertEquals(1, reason.lines().count());
  }

  @Test
  void theSystemsNameIsSearchedWhereTheLinkerSearches() {
    System.setProperty(DriverLibrary.PROPERTY, "libcuda-that-nobody-has.so.1");
    String reason = new CudaProvider().unavailableReason().orElseThrow();
    assertTrue(reason.contains("libcuda-that-nobody-has.so.1 is not among the system's"), reason);
    assertTrue(reason.contains("use the backend cpu"), reason);
  }

  @Test
  void aFileThatIsNoLibraryIsRefused() throws IOException {
    Files.writeString(folder.resolve("libcuda.so.1"), "no library");
    assertTrue(new CudaProvider().unavailableReason().isPresent());
  }

  @Test
  void openingGivesTheSameReason() {
    CudaProvider provider = new CudaProvider();
    BackendUnavailableException direct =
        assertThrows(
            BackendUnavailableException.class, () -> provider.open(DeviceSpec.DEFAULT).close());
    assertEquals(provider.unavailableReason().orElseThrow(), direct.getMessage());
    BackendUnavailableException named =
        assertThrows(BackendUnavailableException.class, () -> Backends.open("cuda:1").close());
    assertTrue(named.getMessage().endsWith(direct.getMessage()), named.getMessage());
  }

  @Test
  void nothingIsFoundWithoutADriver() {
    assertFalse(new CudaProvider().findings().stream().anyMatch(finding -> finding.usable()));
  }
}
