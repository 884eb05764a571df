package talweg.kernels;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What tests want to know about compiled code. */
record PtxFile(String header, String version, String target, String tools, List<Entry> entries) {
  private static final Pattern ENTRY =
      Pattern.compile("(?m)^\\.visible \\.entry (\\w+)\\(([^)]*)\\)");
  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\.param (?:\\.align \\d+ )?\\.(\\w)(\\d+)[^\\[,]*?(?:\\[(\\d+)\\])?(?:,|$)");

  /** An entry point with its parameters. */
  record Entry(String name, List<Parameter> parameters) {}

  /**
   * A parameter: a scalar of {@code kind} u (any 32-bit or 64-bit integer, or an address) or f, or
   * b for a structure.
   */
  record Parameter(char kind, int bytes) {}

  /** Pragmas that change nothing about the code and that every version of PTX since 2.0 has. */
  private static final Set<String> PRAGMAS = Set.of("nounroll");

  static PtxFile read(Path file) throws IOException {
    String text = CudaSources.text(file);
    requireKnownPragmas(file, text);
    List<Entry> entries = new ArrayList<>();
    for (Matcher entry = ENTRY.matcher(text); entry.find(); ) {
      List<Parameter> parameters = new ArrayList<>();
      String list = entry.group(2).strip();
      for (Matcher match = PARAMETER.matcher(list); match.find(); ) {
        int bytes = Integer.parseInt(match.group(2)) / 8;
        int count = match.group(3) == null ? 1 : Integer.parseInt(match.group(3));
        parameters.add(new Parameter(match.group(1).charAt(0), bytes * count));
      }
      entries.add(new Entry(entry.group(1), List.copyOf(parameters)));
    }
    return new PtxFile(
        text.substring(0, text.indexOf('\n')),
        directive(text, "(?m)^\\.version (\\S+)"),
        directive(text, "(?m)^\\.target (\\S+)"),
        directive(text, "(?m)^// (Cuda compilation tools.*)$"),
        List.copyOf(entries));
  }

  /** A compiler ignores pragmas that it does not know, and a newer one may refuse them. */
  private static void requireKnownPragmas(Path file, String text) throws IOException {
    for (PtxWords.Word pragma : PtxWords.pragmas(text)) {
      if (!PRAGMAS.contains(pragma.text())) {
        throw new IOException(
            "%s, line %d: expected no pragma but %s, got \"%s\". Strip it in CompileKernels."
                .formatted(file.getFileName(), pragma.line(), PRAGMAS, pragma.text()));
      }
    }
  }

  private static String directive(String text, String pattern) {
    Matcher match = Pattern.compile(pattern).matcher(text);
    return match.find() ? match.group(1) : "";
  }
}
