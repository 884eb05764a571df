package talweg.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import talweg.fetch.Downloader.Outcome;

@Timeout(60)
class DownloaderTest {
  private static final byte[] CONTENT = content();
  private static final String SHA256 = sha256(CONTENT);
  private static final RemoteFile FILE = new RemoteFile("digits.gz", CONTENT.length, SHA256);

  @TempDir static Path keys;
  private static Mirror mirror;

  @TempDir Path folder;
  private String path;

  @BeforeAll
  static void start() throws IOException, InterruptedException, GeneralSecurityException {
    mirror = new Mirror(keys);
  }

  @AfterAll
  static void stop() {
    mirror.close();
  }

  @BeforeEach
  void eachTestHasPathsOfItsOwn(TestInfo test) {
    path = "/" + test.getTestMethod().orElseThrow().getName();
    mirror.ranges.clear();
  }

  private static byte[] content() {
    byte[] content = new byte[300_000];
    new Random(5).nextBytes(content);
    return content;
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private URI serve(String name, HttpHandler handler) {
    mirror.on(path + "/" + name + "/", handler);
    return mirror.address(path + "/" + name + "/");
  }

  private Outcome fetch(URI... mirrors) {
    return new Downloader(mirror.client(), Duration.ofSeconds(2))
        .fetch(FILE, List.of(mirrors), folder.resolve("to"), _ -> {});
  }

  private Path target() {
    return folder.resolve("to").resolve("digits.gz");
  }

  private Path part() {
    return folder.resolve("to").resolve("digits.gz.part");
  }

  private void leave(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private void requireDone() throws IOException {
    assertArrayEquals(CONTENT, Files.readAllBytes(target()));
    assertFalse(Files.exists(part()));
  }

  private String failure(URI... mirrors) {
    String message = assertThrows(UncheckedIOException.class, () -> fetch(mirrors)).getMessage();
    assertTrue(message.startsWith(target().toString()), message);
    return message;
  }

  @Test
  void bringsAFile() throws IOException {
    assertEquals(Outcome.DOWNLOADED, fetch(serve("a", Mirror.file(CONTENT))));
    requireDone();
    assertEquals(List.of("none"), mirror.ranges);
  }

  @Test
  void leavesAGoodFileAlone() throws IOException {
    leave(target(), CONTENT);
    assertEquals(Outcome.PRESENT, fetch(serve("a", Mirror.file(CONTENT))));
    assertEquals(List.of(), mirror.ranges);
  }

  @Test
  void leavesAnotherFileAlone() throws IOException {
    leave(target(), new byte[] {1, 2, 3});
    String message = failure(serve("a", Mirror.file(CONTENT)));
    assertTrue(message.contains(SHA256) && message.contains("move it away"), message);
    assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(target()));
    assertEquals(List.of(), mirror.ranges);
  }

  @Test
  void goesOnWhereATransferBroke() throws IOException {
    String message = failure(serve("cut", Mirror.cut(CONTENT, 200_000)));
    assertTrue(message.contains("tried https://127.0.0.1"), message);
    long there = Files.size(part());
    assertTrue(there > 0 && there <= 200_000, "part of " + there);
    assertEquals(Outcome.RESUMED, fetch(serve("a", Mirror.file(CONTENT))));
    requireDone();
    assertEquals(List.of("none", "bytes=%d-".formatted(there)), mirror.ranges);
  }

  @Test
  void goesOnFromTheNextMirror() throws IOException {
    URI cut = serve("cut", Mirror.cut(CONTENT, 100_000));
    assertEquals(Outcome.DOWNLOADED, fetch(cut, serve("a", Mirror.file(CONTENT))));
    requireDone();
    assertTrue(mirror.ranges.getLast().startsWith("bytes="), mirror.ranges::toString);
  }

  @Test
  void beginsAgainWhereAServerCannotResume() throws IOException {
    leave(part(), Arrays.copyOf(CONTENT, 1000));
    fetch(serve("a", e -> Mirror.send(e, 200, CONTENT, 0, CONTENT.length)));
    requireDone();
    leave(part(), Arrays.copyOf(CONTENT, 1000));
    Files.delete(target());
    fetch(
        serve(
            "b",
            e -> {
              boolean whole = e.getRequestHeaders().getFirst("Range") == null;
              Mirror.send(e, whole ? 200 : 416, CONTENT, 0, whole ? CONTENT.length : 0);
            }));
    requireDone();
  }

  @Test
  void aPartThatIsCompleteNeedsNoNetwork() throws IOException {
    leave(part(), CONTENT);
    assertEquals(Outcome.RESUMED, fetch());
    requireDone();
  }

  @Test
  void aDamagedPartIsRemovedAndBroughtAgain() throws IOException {
    byte[] damaged = Arrays.copyOf(CONTENT, 1000);
    damaged[7] ^= 1;
    leave(part(), damaged);
    URI good = serve("a", Mirror.file(CONTENT));
    assertTrue(failure(good).contains("expected SHA-256"));
    assertFalse(Files.exists(part()));
    fetch(good);
    requireDone();
    Files.delete(target());
    leave(part(), new byte[CONTENT.length + 9]);
    fetch(good);
    requireDone();
  }

  @Test
  void refusesAnotherContent() {
    byte[] other = CONTENT.clone();
    other[0] ^= 1;
    String message = failure(serve("bad", Mirror.file(other)));
    assertTrue(
        message.contains("expected SHA-256 " + SHA256 + ", got " + sha256(other))
            && message.contains("removed"),
        message);
    assertFalse(Files.exists(part()) || Files.exists(target()));
  }

  @Test
  void triesTheNextMirrorAfterABadOne() throws IOException {
    byte[] page = "<html>503".getBytes();
    URI page200 = serve("page", Mirror.file(page));
    byte[] other = CONTENT.clone();
    other[0] ^= 1;
    URI bad = serve("bad", Mirror.file(other));
    URI gone = serve("gone", e -> Mirror.send(e, 404, page, 0, page.length));
    URI chunked =
        serve(
            "chunked",
            e -> {
              e.sendResponseHeaders(200, 0);
              e.getResponseBody().write(page);
              e.getResponseBody().close();
            });
    fetch(bad, gone, page200, chunked, serve("a", Mirror.file(CONTENT)));
    requireDone();
  }

  @Test
  void aPageInsteadOfTheFileDoesNotReplaceWhatHasArrived() throws IOException {
    leave(part(), Arrays.copyOf(CONTENT, 1000));
    byte[] page = "<html>503".getBytes();
    assertTrue(failure(serve("page", e -> Mirror.send(e, 200, page, 0, 9))).contains("got 9"));
    assertEquals(1000, Files.size(part()));
  }

  @Test
  void stopsWhenMoreArrivesThanThereShouldBe() {
    URI endless =
        serve(
            "endless",
            e -> {
              e.sendResponseHeaders(200, 0);
              for (int i = 0; i < 1000; i++) {
                e.getResponseBody().write(CONTENT);
              }
            });
    assertTrue(failure(endless).contains("expected 300000 bytes, got more"));
    assertFalse(Files.exists(part()));
  }

  @Test
  void saysAllThatWasTried() {
    URI gone = serve("gone", e -> Mirror.send(e, 503, new byte[0], 0, 0));
    byte[] longer = Arrays.copyOf(CONTENT, CONTENT.length + 1);
    URI more = serve("more", Mirror.file(longer));
    URI closed = URI.create("https://127.0.0.1:1/");
    String message = failure(gone, more, closed);
    assertTrue(message.contains(gone + "digits.gz: the server answered HTTP 503"), message);
    assertTrue(message.contains("expected 300000 bytes, got 300001"), message);
    assertTrue(message.contains("https://127.0.0.1:1/digits.gz: Connect"), message);
    assertTrue(message.contains("-Dhttps.proxyHost"), message);
    assertFalse(Files.exists(part()));
  }

  @Test
  void refusesRangesOtherThanTheOneAskedFor() throws IOException {
    leave(part(), Arrays.copyOf(CONTENT, 1000));
    URI wrong =
        serve(
            "a",
            e -> {
              e.getResponseHeaders().add("Content-Range", "bytes 0-299999/300000");
              Mirror.send(e, 206, CONTENT, 0, CONTENT.length);
            });
    assertTrue(failure(wrong).contains("expected the range \"bytes 1000-299999/300000\""));
  }

  @Test
  void followsRedirectsToHttpsOnly() throws IOException {
    URI good = serve("a", Mirror.file(CONTENT));
    URI plain = serve("plain", redirect("http://127.0.0.1:1/digits.gz"));
    assertTrue(failure(plain).contains("expected an https address, got http://127.0.0.1:1/"));
    URI file = serve("file", redirect(keys.resolve("keys.p12").toUri().toString()));
    assertTrue(failure(file).contains("expected an https address, got file:"));
    URI endless = serve("endless", redirect(path + "/endless/digits.gz"));
    assertTrue(failure(endless).contains("more than 5 redirects"));
    fetch(serve("moved", redirect(good + "digits.gz")));
    requireDone();
  }

  private static HttpHandler redirect(String to) {
    return e -> {
      e.getResponseHeaders().add("Location", to);
      Mirror.send(e, 302, new byte[0], 0, 0);
    };
  }

  @Test
  void givesUpOnAServerThatStalls() {
    CountDownLatch over = new CountDownLatch(1);
    URI stalling =
        serve(
            "stall",
            e -> {
              e.sendResponseHeaders(200, CONTENT.length);
              e.getResponseBody().write(CONTENT, 0, 5000);
              e.getResponseBody().flush();
              try {
                over.await();
              } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
              }
            });
    try {
      assertTrue(failure(stalling).contains("nothing arrived for 2 s after 5000 of 300000"));
    } finally {
      over.countDown();
    }
  }

  @Test
  void doesNotMixTwoDownloads() throws IOException {
    leave(part(), new byte[0]);
    try (FileChannel other = FileChannel.open(part(), StandardOpenOption.WRITE);
        var _ = other.lock()) {
      assertTrue(failure(serve("a", Mirror.file(CONTENT))).contains("under way"));
    }
  }

  @Test
  void theCatalogIsSound() {
    Set<String> hashes = new HashSet<>();
    for (Catalog data : Catalog.values()) {
      assertEquals(4, data.files().size());
      assertTrue(data.mirrors().size() >= 2);
      for (URI mirror : data.mirrors()) {
        assertEquals("https", mirror.getScheme());
        assertTrue(mirror.toString().endsWith("/"), mirror.toString());
      }
      data.files().forEach(file -> assertTrue(hashes.add(file.sha256()), file.name()));
    }
    assertEquals("fashion-mnist", Catalog.FASHION_MNIST.label());
    for (String name : List.of("../x", "a/b", "C:\\x", "", ".x")) {
      assertThrows(IllegalArgumentException.class, () -> new RemoteFile(name, 1, SHA256));
    }
    assertThrows(IllegalArgumentException.class, () -> new RemoteFile("x", 1, "00"));
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamed() throws IOException {
    Files.write(folder.resolve("to"), new byte[1]);
    String message =
        assertThrows(UncheckedIOException.class, () -> fetch(serve("a", Mirror.file(CONTENT))))
            .getMessage();
    assertTrue(message.contains(folder.resolve("to").toString()), message);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(1, left.count());
    }
  }
}
