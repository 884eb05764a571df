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
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
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

  private static Path edited() throws IOException {
    return NativeFiles.unpack(RESOURCE, "some-1.0", name -> "x" + name, NativeFilesTest::reversed)
        .orElseThrow();
  }

  private static byte[] reversed(byte[] content) {
    byte[] reversed = new byte[content.length];
    for (int i = 0; i < content.length; i++) {
      reversed[i] = content[content.length - 1 - i];
    }
    return reversed;
  }

  /** As a loss of power can leave it: the size is right, the end is zeros, or all of it. */
  @Test
  void aDamagedEditedFileIsUnpackedAgain() throws IOException {
    Path file = edited();
    byte[] whole = reversed(expected());
    Path note = file.resolveSibling(file.getFileName() + ".sum");
    byte[] endless = whole.clone();
    Arrays.fill(endless, whole.length / 2, whole.length, (byte) 0);
    byte[] flipped = whole.clone();
    flipped[whole.length / 3] ^= 4;
    for (byte[] damaged :
        new byte[][] {endless, flipped, new byte[whole.length], new byte[0], {1, 2, 3}}) {
      Files.write(file, damaged);
      assertEquals(file, edited());
      assertArrayEquals(whole, Files.readAllBytes(file));
    }
    for (String text : new String[] {"", "garbage", "x".repeat(5000)}) {
      Files.writeString(note, text);
      edited();
      assertArrayEquals(whole, Files.readAllBytes(file));
      assertTrue(Files.readString(note).contains("CRC32C"), "it is written again");
    }
    Files.delete(note);
    edited();
    assertTrue(Files.exists(note));
    try (var files = Files.list(file.getParent())) {
      assertEquals(2, files.count(), "nothing else is left");
    }
  }

  @Test
  void anIntactEditedFileIsLeftAlone() throws IOException {
    Path file = edited();
    FileTime old = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(file, old);
    edited();
    assertEquals(old, Files.getLastModifiedTime(file));
  }

  /** A folder that is named may be everybody's, such as that of temporary files. */
  @Test
  void onlyTheFolderInItIsMadePrivate() throws IOException {
    Path shared = Files.createDirectory(folder.resolve("cache"));
    assumeTrue(Files.getFileStore(shared).supportsFileAttributeView("posix"));
    Set<PosixFilePermission> everybody = PosixFilePermissions.fromString("rwxrwxrwx");
    Files.setPosixFilePermissions(shared, everybody);
    Path own = Files.createDirectory(shared.resolve("some-1.0"));
    Files.setPosixFilePermissions(own, everybody);
    NativeFiles.unpack(RESOURCE, "some-1.0");
    assertEquals(everybody, Files.getPosixFilePermissions(shared));
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(own)));
  }
}
