package talweg.kernels;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import talweg.kernels.KernelSignature.Parameter;

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

  /** A declared kernel: the pattern of its name, and its parameters. */
  record Declaration(Pattern name, List<Parameter> parameters) {}

  private Declarations() {}

  static List<Declaration> of(CudaSources sources, Path module) throws IOException {
    List<Declaration> found = new ArrayList<>();
    for (Path source : sources.closure(module)) {
      String text = CudaSources.text(source).replaceAll("\\s*\\\\\n\\s*", " ");
      for (Matcher kernel = KERNEL.matcher(text); kernel.find(); ) {
        String name = kernel.group(1).replaceAll("\\b[A-Z]\\w*\\b", "\\\\w+").replace("##", "");
        List<Parameter> parameters = new ArrayList<>();
        for (String parameter : kernel.group(2).split(",", -1)) {
          parameters.add(type(parameter.strip(), source));
        }
        found.add(new Declaration(Pattern.compile(name), List.copyOf(parameters)));
      }
    }
    return found;
  }

  private static Parameter type(String parameter, Path source) throws IOException {
    if (parameter.contains("*")) {
      return Parameter.POINTER;
    }
    String type =
        parameter.replaceFirst("^(const|__grid_constant__) ", "").replaceFirst("\\s*\\w+$", "");
    return switch (type) {
      case "int" -> Parameter.I32;
      case "long long" -> Parameter.I64;
      case "float" -> Parameter.F32;
      case "double" -> Parameter.F64;
      default -> {
        if (!Character.isUpperCase(type.charAt(0))) {
          throw new IOException(source + ": no type for a kernel's parameter: " + parameter);
        }
        yield Parameter.LAYOUT;
      }
    };
  }
}
