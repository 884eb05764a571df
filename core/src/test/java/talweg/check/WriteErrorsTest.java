package talweg.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteErrorsTest {
  @TempDir Path folder;

  @Test
  void adviceFitsTheReason() {
    says(
        "permission denied; choose a folder that you may write to", new AccessDeniedException("f"));
    says(
        "the thread was interrupted; write again, on a thread that nobody interrupts",
        new ClosedByInterruptException());
    says(
        "No space left on device; make room on the disk",
        new FileSystemException("f", null, "No space left on device"));
    says(
        "Read-only file system; choose a folder that you may write to",
        new FileSystemException("f", null, "Read-only file system"));
    says("broken; is the folder writable and the disk not full?", new IOException("broken"));
  }

  @Test
  void aFolderInTheWayIsNamedAsSuch() {
    IOException e = assertThrows(IOException.class, () -> Files.writeString(folder, "text"));
    assertEquals(
        folder
            + ": cannot write: Is a directory; a folder has this name: move it away, or choose"
            + " another one",
        WriteErrors.cannotWrite(folder, e));
  }

  private void says(String expected, IOException e) {
    assertEquals("f: cannot write: " + expected, WriteErrors.cannotWrite(Path.of("f"), e));
  }
}
