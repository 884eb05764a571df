package talweg.kernels;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** NVIDIA's assembler as the CUDA toolkit brings it: the front end is that of its driver. */
final class Ptxas {
  private static final Pattern RELEASE = Pattern.compile("release (\\d+)\\.(\\d+)");
  private static final Pattern ARCHITECTURE = Pattern.compile("\\bsm_(\\d+)\\b");

  private final Path file;

  private Ptxas(Path file) {
    this.file = file;
  }

  /** The one on the PATH, else that of a toolkit in one of the usual folders. */
  static Optional<Ptxas> find() throws IOException {
    String name = File.separatorChar == '\\' ? "ptxas.exe" : "ptxas";
    for (Path folder : folders()) {
      Path file = folder.resolve(name);
      if (Files.isExecutable(file)) {
        return Optional.of(new Ptxas(file));
      }
    }
    return Optional.empty();
  }

  private static List<Path> folders() throws IOException {
    List<Path> folders = new ArrayList<>();
    String path = System.getenv("PATH");
    for (String folder : path == null ? new String[0] : path.split(File.pathSeparator)) {
      folders.add(Path.of(folder.isEmpty() ? "." : folder));
    }
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      String toolkit = System.getenv(variable);
      if (toolkit != null) {
        folders.add(Path.of(toolkit, "bin"));
      }
    }
    for (String parent : List.of("/usr/local", "/opt")) {
      if (Files.isDirectory(Path.of(parent))) {
        try (DirectoryStream<Path> toolkits = Files.newDirectoryStream(Path.of(parent), "cuda*")) {
          toolkits.forEach(toolkit -> folders.add(toolkit.resolve("bin")));
        }
      }
    }
    return folders;
  }

  /** Release of its toolkit, e.g. 1203 for 12.3. */
  int release() throws IOException, InterruptedException {
    String text = run(List.of("--version")).output();
    Matcher release = RELEASE.matcher(text);
    if (!release.find()) {
      throw new IOException(file + " --version: expected a release, got " + text);
    }
    return 100 * Integer.parseInt(release.group(1)) + Integer.parseInt(release.group(2));
  }

  /** Architectures that it makes code for, e.g. 75. */
  Set<Integer> architectures() throws IOException, InterruptedException {
    Set<Integer> architectures = new TreeSet<>();
    for (Matcher name = ARCHITECTURE.matcher(run(List.of("--help")).output()); name.find(); ) {
      architectures.add(Integer.parseInt(name.group(1)));
    }
    return architectures;
  }

  /** Errors of assembling a module for an architecture, e.g. 89; "" if there are none. */
  String assemble(Path ptx, int architecture) throws IOException, InterruptedException {
    Path output = Files.createTempFile("talweg-kernels", ".cubin");
    try {
      return errors("-arch=sm_" + architecture, ptx.toString(), "-o", output.toString());
    } finally {
      Files.delete(output);
    }
  }

  /** The same without making code, in a tenth of the time. */
  String check(Path ptx, int architecture) throws IOException, InterruptedException {
    return errors("-arch=compute_" + architecture, ptx.toString());
  }

  private String errors(String... arguments) throws IOException, InterruptedException {
    Result result = run(List.of(arguments));
    return result.status() == 0 ? "" : result.output().strip();
  }

  private record Result(int status, String output) {}

  private Result run(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(file.toString()));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
