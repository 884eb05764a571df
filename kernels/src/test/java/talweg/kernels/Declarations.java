package talweg.kernels;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The kernels that a source declares, itself or in its headers. Where a macro makes several, its
 * one declaration stands for all: in its name the macro's parameters, which are in upper case,
 * match anything.
 */
final class Declarations {
  private static final Pattern KERNEL =
      Pattern.compile(
          "extern \"C\" __global__"
              + " void\\s+(?:__launch_bounds__\\([^)]*\\)\\s*)?([\\w#]+)\\s*\\(([^)]*)\\)");

  private final Path module;
  private final List<Declaration> found = new ArrayList<>();

  /** The pattern of a kernel's name, and its parameters as KernelSignature names their types. */
  private record Declaration(Pattern name, List<String> parameters) {}

  Declarations(CudaSources sources, Path module) throws IOException {
    this.module = module;
    for (Path source : sources.closure(module)) {
      String text = CudaSources.text(source).replaceAll("\\s*\\\\\n\\s*", " ");
      for (Matcher kernel = KERNEL.matcher(text); kernel.find(); ) {
        String name = kernel.group(1).replaceAll("\\b[A-Z]\\w*\\b", "\\\\w+").replace("##", "");
        List<String> parameters = new ArrayList<>();
        for (String parameter : kernel.group(2).split(",", -1)) {
          parameters.add(type(parameter.strip(), source));
        }
        found.add(new Declaration(Pattern.compile(name), List.copyOf(parameters)));
      }
    }
  }

  /**
   * The types of an entry's parameters, by the declaration that agrees with its code.
   *
   * @throws IOException if there is none
   */
  List<String> types(PtxFile.Entry entry) throws IOException {
    for (Declaration declared : found) {
      if (declared.name().matcher(entry.name()).matches()
          && agree(declared.parameters(), entry.parameters())) {
        return declared.parameters();
      }
    }
    throw new IOException(module + ": no declaration of " + entry);
  }

  private static boolean agree(List<String> declared, List<PtxFile.Parameter> compiled) {
    boolean same = declared.size() == compiled.size();
    for (int i = 0; same && i < compiled.size(); i++) {
      PtxFile.Parameter parameter = compiled.get(i);
      String kind = String.valueOf(parameter.kind()) + 8 * parameter.bytes();
      same =
          switch (declared.get(i)) {
            case "POINTER", "I64" -> kind.equals("u64");
            case "I32" -> kind.equals("u32");
            case "F32" -> kind.equals("f32");
            case "F64" -> kind.equals("f64");
            default -> parameter.kind() == 'b';
          };
    }
    return same;
  }

  private static String type(String parameter, Path source) throws IOException {
    if (parameter.contains("*")) {
      return "POINTER";
    }
    String type =
        parameter.replaceFirst("^(const|__grid_constant__) ", "").replaceFirst("\\s*\\w+$", "");
    return switch (type) {
      case "int" -> "I32";
      case "long long" -> "I64";
      case "float" -> "F32";
      case "double" -> "F64";
      default -> {
        if (!Character.isUpperCase(type.charAt(0))) {
          throw new IOException(source + ": no type for a kernel's parameter: " + parameter);
        }
        yield "LAYOUT";
      }
    };
  }
}
