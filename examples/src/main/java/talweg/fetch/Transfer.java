package talweg.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** One attempt to bring the rest of one file from one address: over HTTPS only, redirects too. */
final class Transfer {
  private static final int MAX_REDIRECTS = 5;
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final HttpClient client;
  private final Duration patience;
  private final long expected;
  private final FileChannel into;
  private final LongConsumer progress;

  /**
   * Prepares a transfer.
   *
   * @param client one that follows no redirects
   * @param patience longest wait for an answer, and for the next bytes
   * @param expected size of the whole file
   * @param into what has arrived so far
   * @param progress told how many bytes are there
   */
  Transfer(
      HttpClient client,
      Duration patience,
      long expected,
      FileChannel into,
      LongConsumer progress) {
    this.client = client;
    this.patience = patience;
    this.expected = expected;
    this.into = into;
    this.progress = progress;
  }

  /** Brings what is missing, or fails; what has arrived stays for the next attempt. */
  void run(URI address) throws IOException {
    URI at = address;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      HttpResponse<InputStream> response = request(at);
      try (InputStream body = response.body()) {
        switch (response.statusCode()) {
          case OK -> {
            requireSize(response);
            into.truncate(0);
            receive(body);
            return;
          }
          case PARTIAL -> {
            requireRest(response);
            receive(body);
            return;
          }
          case RANGE_NOT_SATISFIABLE -> into.truncate(0);
          case 301, 302, 303, 307, 308 -> at = redirect(at, response);
          default -> throw new IOException("the server answered HTTP " + response.statusCode());
        }
      }
    }
    throw new IOException("more than %d redirects".formatted(MAX_REDIRECTS));
  }

  private HttpResponse<InputStream> request(URI address) throws IOException {
    if (!"https".equals(address.getScheme())) {
      throw new IOException("expected an https address, got " + address);
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(patience)
            .header("Accept-Encoding", "identity")
            .header("User-Agent", "talweg");
    if (into.size() > 0) {
      request.header("Range", "bytes=%d-".formatted(into.size()));
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private static URI redirect(URI from, HttpResponse<?> response) throws IOException {
    String location = response.headers().firstValue("Location").orElse("");
    try {
      return from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new IOException("a redirect to \"%s\"".formatted(location), e);
    }
  }

  /** A page that says "not now" with the status of success must not replace what has arrived. */
  private void requireSize(HttpResponse<?> response) throws IOException {
    long size = response.headers().firstValueAsLong("Content-Length").orElse(expected);
    if (size != expected) {
      throw new IOException("expected %d bytes, got %d".formatted(expected, size));
    }
  }

  private void requireRest(HttpResponse<?> response) throws IOException {
    String expectedRange = "bytes %d-%d/%d".formatted(into.size(), expected - 1, expected);
    String range = response.headers().firstValue("Content-Range").orElse("none");
    if (!range.equals(expectedRange)) {
      into.truncate(0);
      throw new IOException("expected the range \"%s\", got %s".formatted(expectedRange, range));
    }
  }

  private void receive(InputStream body) throws IOException {
    Watchdog watchdog = new Watchdog(body, patience);
    try (watchdog) {
      copy(body, watchdog);
    } catch (IOException e) {
      if (!watchdog.barked) {
        throw e;
      }
    }
    if (watchdog.barked) {
      throw new IOException(
          "nothing arrived for %d s after %d of %d bytes"
              .formatted(patience.toSeconds(), into.size(), expected));
    }
    if (into.size() < expected) {
      // All that the server has, properly ended: it is something else.
      long size = into.size();
      into.truncate(0);
      throw new IOException("expected %d bytes, got %d".formatted(expected, size));
    }
  }

  private void copy(InputStream body, Watchdog watchdog) throws IOException {
    byte[] buffer = new byte[1 << 16];
    into.position(into.size());
    int n;
    while ((n = body.read(buffer)) >= 0) {
      if (into.size() + n > expected) {
        into.truncate(0);
        throw new IOException("expected %d bytes, got more".formatted(expected));
      }
      ByteBuffer arrived = ByteBuffer.wrap(buffer, 0, n);
      while (arrived.hasRemaining()) {
        into.write(arrived);
      }
      progress.accept(into.size());
      watchdog.fed();
    }
  }

  /** Closes a stream that gives nothing for too long; its reader then comes to an end. */
  private static final class Watchdog implements AutoCloseable {
    private final AtomicLong last = new AtomicLong(System.nanoTime());
    private final Thread thread;
    private volatile boolean barked;

    Watchdog(InputStream stream, Duration patience) {
      thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (System.nanoTime() - last.get() < patience.toNanos()) {
                    Thread.sleep(patience.dividedBy(10));
                  }
                  barked = true;
                  stream.close();
                } catch (InterruptedException | IOException e) {
                  // No longer needed.
                }
              });
    }

    void fed() {
      last.set(System.nanoTime());
    }

    @Override
    public void close() {
      thread.interrupt();
    }
  }
}
