package talweg.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Compiles the CUDA sources into the PTX that is checked in, and lists its entry points. Run with
 * {@code mvn -Pnvcc -pl kernels generate-resources}, which does {@code java CompileKernels.java
 * SOURCES RESOURCES}. Modules whose sources did not change are left alone; without nvcc only the
 * list is written anew, as after a merge.
 */
final class CompileKernels {
  /** Compiler options; part of what the hash in the first line of the code covers. */
  static final List<String> OPTIONS = List.of("-std=c++17", "-O3", "-ptx");

  /**
   * The PTX version that the code claims, by architecture. nvcc writes its own, which only drivers
   * of its generation read; these are the oldest that have the instructions used, and give the same
   * machine code.
   */
  static final SortedMap<Integer, String> VERSIONS =
      new TreeMap<>(Map.of(75, "6.3", 80, "7.0", 90, "7.8"));

  private static final String HEADER = "// SHA-256 of the sources: ";

  private final CudaSources sources;

  CompileKernels(CudaSources sources) {
    this.sources = sources;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 2) {
      throw new IllegalArgumentException("usage: CompileKernels.java SOURCES RESOURCES");
    }
    CudaSources sources = new CudaSources(Path.of(args[0]));
    new CompileKernels(sources).update(Path.of(args[1]));
  }

  private void update(Path resources) throws IOException, InterruptedException {
    Files.createDirectories(resources);
    SortedSet<String> wanted = new TreeSet<>();
    for (Map.Entry<String, Path> module : sources.modules().entrySet()) {
      for (int architecture : VERSIONS.keySet()) {
        Path target = resources.resolve(module.getKey() + "_" + architecture + ".ptx");
        wanted.add(String.valueOf(target.getFileName()));
        if (!isCurrent(target, header(module.getValue()))) {
          System.out.println(target.getFileName());
          Files.writeString(target, compile(module.getValue(), architecture));
        }
      }
    }
    try (Stream<Path> files = Files.list(resources)) {
      for (Path file : files.filter(file -> file.toString().endsWith(".ptx")).toList()) {
        if (!wanted.contains(String.valueOf(file.getFileName()))) {
          Files.delete(file);
        }
      }
    }
    Files.writeString(resources.resolve("manifest.txt"), manifest(resources));
  }

  /** Whether code is made from these sources and needs no newer PTX than it states. */
  private static boolean isCurrent(Path target, String header) throws IOException {
    if (!Files.exists(target)) {
      return false;
    }
    String text = CudaSources.text(target);
    return text.startsWith(header + "\n")
        && PtxFeatures.tooNew(String.valueOf(target.getFileName()), text).isEmpty();
  }

  /** First line of the code made from a source. */
  String header(Path source) throws IOException {
    return HEADER + sources.hash(source, String.join(" ", OPTIONS));
  }

  /** Code of one module as it is checked in. */
  String compile(Path source, int architecture) throws IOException, InterruptedException {
    Path output = Files.createTempFile("talweg-kernels", ".ptx");
    try {
      List<String> command = new ArrayList<>();
      command.add("nvcc");
      command.addAll(OPTIONS);
      command.addAll(List.of("-arch=compute_" + architecture, "-I" + sources.root()));
      command.addAll(List.of("-o", output.toString(), source.toString()));
      int status = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (status != 0) {
        throw new IOException(source + ": nvcc failed with status " + status);
      }
      String name = source.getFileName() + " for " + architecture;
      return header(source) + "\n" + lowered(name, CudaSources.text(output), architecture);
    } finally {
      Files.delete(output);
    }
  }

  /**
   * What nvcc wrote, stating the version of {@link #VERSIONS}.
   *
   * @throws IOException if the code needs a newer version than that
   */
  static String lowered(String name, String written, int architecture) throws IOException {
    String text =
        written
            // Part of the names of what is private to a source: it depends on the folder.
            .replaceAll("(?<=_GLOBAL__N__|_INTERNAL_)\\p{XDigit}{8}(?=_)", "00000000")
            // A hint of PTX 8.3 about loads: which bytes matter. Older versions refuse it.
            .replaceAll("(?m)^\\s*\\.pragma \"used_bytes_mask [^\"]*\";\n", "")
            .replaceFirst("(?m)^\\.version .*$", ".version " + VERSIONS.get(architecture));
    List<String> problems = PtxFeatures.tooNew(name, text);
    if (!problems.isEmpty()) {
      throw new IOException(
          "cannot lower the PTX version: "
              + String.join("; ", problems)
              + ". Write the kernel without it, or list it in PtxFeatures if the version has it.");
    }
    return text;
  }

  /** The lines of the manifest: module, entry, types of its parameters, sizes of structures. */
  String manifest(Path resources) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Map.Entry<String, Path> module : sources.modules().entrySet()) {
      Declarations declarations = new Declarations(sources, module.getValue());
      String file = module.getKey() + "_" + VERSIONS.firstKey() + ".ptx";
      for (PtxFile.Entry entry : PtxFile.read(resources.resolve(file)).entries()) {
        lines.append(module.getKey()).append(' ').append(entry.name());
        List<String> types = declarations.types(entry);
        for (int i = 0; i < types.size(); i++) {
          lines.append(' ').append(types.get(i));
          if (entry.parameters().get(i).kind() == 'b') {
            lines.append(':').append(entry.parameters().get(i).bytes());
          }
        }
        lines.append('\n');
      }
    }
    return lines.toString();
  }
}
