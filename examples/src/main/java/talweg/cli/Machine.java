package talweg.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Where, when and with what something was measured. */
final class Machine {
  private static final int SECONDS = 10;

  private Machine() {}

  /** By name, in the order in which people want to read it. */
  static Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("event", "machine");
    facts.put("talweg", Version.number());
    facts.put("commit", commit());
    facts.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("arch", System.getProperty("os.arch"));
    facts.put("cores", Runtime.getRuntime().availableProcessors());
    facts.put("jvm", System.getProperty("java.vm.name") + " " + Runtime.version());
    facts.put("heap_mib", Runtime.getRuntime().maxMemory() >> 20);
    facts.put("flags", String.join(" ", BenchmarkProcess.flags()));
    return facts;
  }

  /** The commit of the sources beside the classes, with a plus if they were changed since. */
  private static String commit() {
    try {
      CodeSource source = Machine.class.getProtectionDomain().getCodeSource();
      Path folder = Path.of(source.getLocation().toURI()).getParent();
      String head = git(folder, "rev-parse", "--short", "HEAD");
      return git(folder, "status", "--porcelain", "--untracked-files=no").isEmpty()
          ? head
          : head + "+";
    } catch (IOException | URISyntaxException e) {
      return "unknown";
    }
  }

  private static String git(Path folder, String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("git");
    builder.command().addAll(List.of(arguments));
    Process git =
        builder.directory(folder.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (!git.waitFor(SECONDS, TimeUnit.SECONDS) || git.exitValue() != 0) {
        throw new IOException("git knows nothing of " + folder);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return said;
  }
}
