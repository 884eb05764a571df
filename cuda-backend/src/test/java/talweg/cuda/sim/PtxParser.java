package talweg.cuda.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts the text of a module into functions, variables and statements. */
final class PtxParser {
  private static final Pattern TARGET = Pattern.compile("\\.target\\s+sm_(\\d+)");
  private static final Pattern ENTRY =
      Pattern.compile("\\.entry\\s+([\\w$]+)\\s*(?:\\(([^)]*)\\))?");
  private static final Pattern FUNCTION =
      Pattern.compile("\\.func\\s+(?:\\(([^)]*)\\)\\s*)?([\\w$]+)\\s*(?:\\(([^)]*)\\))?");
  private static final Pattern MAX_THREADS =
      Pattern.compile("\\.(?:maxntid|reqntid)\\s+(\\d+)(?:\\s*,\\s*(\\d+))?(?:\\s*,\\s*(\\d+))?");
  private static final Pattern REGISTER = Pattern.compile("%[\\w$]+");
  private static final Pattern LABEL = Pattern.compile("\\s*([\\w$]+):(?!:)");

  private final String text;
  private final Map<String, PtxFunction> functions = new LinkedHashMap<>();
  private final Map<String, PtxVariable> variables = new LinkedHashMap<>();
  private int at;

  private PtxParser(String text) {
    this.text = text.replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("//[^\n]*", "");
  }

  static PtxModule parse(String text) {
    PtxParser parser = new PtxParser(text);
    Matcher target = TARGET.matcher(parser.text);
    if (!target.find()) {
      throw PtxFault.undecodable("no .target line: is this PTX?");
    }
    parser.at = target.end();
    parser.topLevel();
    return new PtxModule(Integer.parseInt(target.group(1)), parser.functions, parser.variables);
  }

  private void topLevel() {
    int start = at;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '{' && text.substring(start, at).indexOf('=') < 0) {
        function(text.substring(start, at));
        start = at;
      } else if (c == ';') {
        requireNoPragma(text.substring(start, at).strip());
        declaration(text.substring(start, at).strip());
        start = ++at;
      } else {
        at++;
      }
    }
  }

  /** Pragmas for a whole module are refused, as none is known. */
  private static void requireNoPragma(String line) {
    int pragma = line.lastIndexOf(".pragma");
    if (pragma >= 0) {
      throw PtxFault.undecodable("unknown pragma of the module: got " + line.substring(pragma));
    }
  }

  private void declaration(String line) {
    // Prototypes of functions elsewhere (assertions, printf) need no entry: a call of them ends the
    // kernel.
    if (line.matches("(?s).*\\.(global|const|shared)\\b.*")) {
      line = line.substring(Math.max(0, line.lastIndexOf(".address_size")));
      line = line.replaceFirst("^\\.address_size\\s+\\d+", "");
      PtxVariable variable = PtxVariable.parse(line);
      variables.put(variable.name(), variable);
    }
  }

  private void function(String head) {
    Matcher entry = ENTRY.matcher(head);
    Matcher plain = FUNCTION.matcher(head);
    boolean kernel = entry.find();
    if (!kernel && !plain.find()) {
      throw PtxFault.undecodable("cannot read \"" + head.strip() + "\"");
    }
    String name = kernel ? entry.group(1) : plain.group(2);
    Body body = new Body(name);
    at++;
    body.read();
    functions.put(
        name,
        new PtxFunction(
            name,
            kernel,
            parameters(kernel ? null : plain.group(1)),
            parameters(kernel ? entry.group(2) : plain.group(3)),
            body.variables,
            body.statements,
            body.labels,
            body.tables,
            mostThreads(head)));
  }

  /** What {@code __launch_bounds__} promises; more threads cannot be launched. */
  private static int mostThreads(String head) {
    Matcher bounds = MAX_THREADS.matcher(head);
    int threads = bounds.find() ? 1 : Integer.MAX_VALUE;
    for (int i = 1; threads < Integer.MAX_VALUE && i <= 3; i++) {
      threads *= bounds.group(i) == null ? 1 : Integer.parseInt(bounds.group(i));
    }
    return threads;
  }

  private static List<PtxVariable> parameters(String list) {
    List<PtxVariable> parameters = new ArrayList<>();
    int end = 0;
    for (String declaration : list == null || list.isBlank() ? new String[0] : list.split(",")) {
      PtxVariable parameter = PtxVariable.parse(declaration.strip()).after(end);
      end = parameter.offset() + parameter.bytes();
      parameters.add(parameter);
    }
    return parameters;
  }

  /** The statements between the braces of a function; braces inside only hide and limit names. */
  private final class Body {
    final List<PtxVariable> variables = new ArrayList<>();
    final List<String> statements = new ArrayList<>();
    final Map<String, Integer> labels = new LinkedHashMap<>();
    final Map<String, List<String>> tables = new LinkedHashMap<>();
    private String lastLabel;

    /** Registers that the braces around a statement declare, innermost first, with other names. */
    private final Deque<Map<String, String>> scopes = new ArrayDeque<>();

    private int renamed;

    private final String function;

    Body(String function) {
      this.function = function;
    }

    void read() {
      int start = at;
      scopes.push(Map.of());
      while (!scopes.isEmpty()) {
        char c = text.charAt(at);
        if ((c == '{' || c == '}') && text.substring(start, at).isBlank()) {
          if (c == '{') {
            scopes.push(new HashMap<>());
          } else {
            scopes.pop();
          }
          start = ++at;
        } else if (c == ';') {
          statement(text.substring(start, at).strip().replaceAll("\\s+", " "));
          start = ++at;
        } else if (c == ':' && label(text.substring(start, at + 1))) {
          start = ++at;
        } else {
          at++;
        }
      }
    }

    /** A driver may refuse any other one under the version that the text states. */
    private void requireKnown(String pragma) {
      if (!pragma.equals(".pragma \"nounroll\"")) {
        throw PtxFault.undecodable("unknown pragma: expected \"nounroll\", got " + pragma)
            .at(function);
      }
    }

    private boolean label(String candidate) {
      Matcher m = LABEL.matcher(candidate);
      if (!m.matches() || text.charAt(at + 1) == ':') {
        return false;
      }
      lastLabel = m.group(1);
      labels.put(lastLabel, statements.size());
      return true;
    }

    private void statement(String line) {
      if (line.startsWith(".branchtargets")) {
        tables.put(lastLabel, List.of(line.substring(14).strip().split("\\s*,\\s*")));
      } else if (line.startsWith(".shared") || line.startsWith(".local")) {
        variables.add(PtxVariable.parse(line));
      } else if (line.startsWith(".reg") && scopes.size() > 1) {
        for (Matcher register = REGISTER.matcher(line); register.find(); ) {
          scopes.element().put(register.group(), register.group() + "$" + renamed++);
        }
      } else if (line.startsWith(".pragma")) {
        requireKnown(line);
      } else if (!line.startsWith(".") && !line.isEmpty()) {
        // Declarations of registers and of parameters for calls and .loc say nothing to us.
        statements.add(scopes.size() > 1 ? REGISTER.matcher(line).replaceAll(this::meant) : line);
      }
    }

    /** A register by its own name or by that of the braces that hide another one of this name. */
    private String meant(MatchResult register) {
      for (Map<String, String> scope : scopes) {
        String other = scope.get(register.group());
        if (other != null) {
          return Matcher.quoteReplacement(other);
        }
      }
      return Matcher.quoteReplacement(register.group());
    }
  }
}
