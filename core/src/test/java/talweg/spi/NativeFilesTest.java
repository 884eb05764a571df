package talweg.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFilesTest {
  /** Any file on the class path will do. */
  private static final String RESOURCE = "talweg/spi/NativeFilesTest.class";

  @TempDir private Path folder;
  private String before;

  @BeforeEach
  void useAFolderOfTheTest() {
    before = System.setProperty("talweg.cache", folder.resolve("cache").toString());
  }

  @AfterEach
  void leaveIt() {
    if (before == null) {
      System.clearProperty("talweg.cache");
    } else {
      System.setProperty("talweg.cache", before);
    }
  }

  private static byte[] expected() throws IOException {
    try (InputStream in = ClassLoader.getSystemResourceAsStream(RESOURCE)) {
      return in.readAllBytes();
    }
  }

  @Test
  void unpacksWhereNobodyElseMayWrite() throws IOException {
    Path file = NativeFiles.unpack(RESOURCE, "some-1.0").orElseThrow();
    assertEquals(folder.resolve("cache/some-1.0/NativeFilesTest.class"), file);
    assertArrayEquals(expected(), Files.readAllBytes(file));
    assumeTrue(Files.getFileStore(file).supportsFileAttributeView("posix"));
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("cache"))));
  }

  @Test
  void whatIsThereIsUsedOnlyIfItIsTheSame() throws IOException {
    Path file = NativeFiles.unpack(RESOURCE, "some-1.0").orElseThrow();
    FileTime old = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(file, old);
    NativeFiles.unpack(RESOURCE, "some-1.0");
    assertEquals(old, Files.getLastModifiedTime(file));

    // Changed, in the same size.
    byte[] changed = expected();
    changed[changed.length / 2] ^= 1;
    Files.write(file, changed);
    NativeFiles.unpack(RESOURCE, "some-1.0");
    assertArrayEquals(expected(), Files.readAllBytes(file));
  }

  @Test
  void anEditedFileBearsItsOwnName() throws IOException {
    Path file =
        NativeFiles.unpack(
                RESOURCE, "some-1.0", name -> "x" + name, content -> new byte[content.length])
            .orElseThrow();
    assertEquals("xNativeFilesTest.class", file.getFileName().toString());
    assertArrayEquals(new byte[expected().length], Files.readAllBytes(file));
  }

  @Test
  void aMissingResourceIsNoFile() throws IOException {
    assertTrue(NativeFiles.unpack("no/such/library.so", "some-1.0").isEmpty());
  }
}
