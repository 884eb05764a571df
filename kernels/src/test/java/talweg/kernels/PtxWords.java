package talweg.kernels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The words of PTX text whose meaning depends on the version of PTX. */
final class PtxWords {
  private static final Pattern COMMENT = Pattern.compile("//[^\n]*");
  private static final Pattern PRAGMA = Pattern.compile("\\.pragma\\s+([^;]*);");
  private static final Pattern STRING = Pattern.compile("\"([^\"\n]*)\"");
  private static final Pattern STATEMENT = Pattern.compile("[^;{}]+");

  /** Labels and the predicate that guards an instruction. */
  private static final Pattern PREFIX = Pattern.compile("\\s*(?:[\\w$]+:(?!:)\\s*|@!?%\\w+\\s+)*");

  private static final Pattern OPCODE = Pattern.compile("[a-z][\\w.:]*");
  private static final Pattern DIRECTIVE = Pattern.compile("\\.[A-Za-z_]\\w*");
  private static final Pattern TARGET = Pattern.compile("\\.target\\s+([^\n]*)");
  private static final Pattern VERSION = Pattern.compile("(?m)^\\.version\\s+(\\S+)");
  private static final Pattern REGISTER = Pattern.compile("%[A-Za-z_]\\w*(?:\\.[xyzw])?");
  private static final Pattern DECLARED = Pattern.compile("%\\w+");

  /** What a word is. */
  enum Kind {
    INSTRUCTION("instruction"),
    DIRECTIVE("directive"),
    SPECIAL_REGISTER("special register"),
    TARGET("target"),
    PRAGMA("pragma");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** For messages. */
    String label() {
      return label;
    }
  }

  /**
   * A word of the text.
   *
   * @param text an instruction with all its modifiers, or what a pragma's string holds
   * @param line its line, from 1
   */
  record Word(Kind kind, String text, int line) {}

  private final String text;
  private final int[] lineEnds;
  private final List<Word> words = new ArrayList<>();
  private final Set<String> registers = new TreeSet<>();

  private PtxWords(String text) {
    this.text = text;
    this.lineEnds = IntStream.range(0, text.length()).filter(i -> text.charAt(i) == '\n').toArray();
  }

  static List<Word> of(String ptx) {
    String code = COMMENT.matcher(ptx).replaceAll("");
    PtxWords words = new PtxWords(STRING.matcher(code).replaceAll("\"\""));
    for (Matcher target = TARGET.matcher(words.text); target.find(); ) {
      for (String name : target.group(1).strip().split("\\s*,\\s*")) {
        words.add(Kind.TARGET, name, target.start());
      }
    }
    for (Matcher statement = STATEMENT.matcher(words.text); statement.find(); ) {
      words.statement(statement.start(), statement.end());
    }
    words.registers();
    words.words.addAll(pragmas(ptx));
    return List.copyOf(words.words);
  }

  /** The version that the text states, "" if it states none. */
  static String version(String ptx) {
    Matcher version = VERSION.matcher(ptx);
    return version.find() ? version.group(1) : "";
  }

  /** All pragmas, each with what its string holds. */
  static List<Word> pragmas(String ptx) {
    PtxWords words = new PtxWords(COMMENT.matcher(ptx).replaceAll(""));
    for (Matcher pragma = PRAGMA.matcher(words.text); pragma.find(); ) {
      for (Matcher string = STRING.matcher(pragma.group(1)); string.find(); ) {
        words.add(Kind.PRAGMA, string.group(1), pragma.start());
      }
    }
    return words.words;
  }

  private void statement(int start, int end) {
    Matcher prefix = PREFIX.matcher(text).region(start, end);
    int from = prefix.lookingAt() ? prefix.end() : start;
    Matcher opcode = OPCODE.matcher(text).region(from, end);
    if (opcode.lookingAt()) {
      add(Kind.INSTRUCTION, opcode.group(), from);
    } else if (from < end && text.charAt(from) == '.') {
      Matcher directive = DIRECTIVE.matcher(text).region(from, end);
      while (directive.find()) {
        add(Kind.DIRECTIVE, directive.group(), directive.start());
      }
      if (text.startsWith(".reg", from)) {
        DECLARED
            .matcher(text.substring(from, end))
            .results()
            .map(MatchResult::group)
            .forEach(registers::add);
      }
    }
  }

  /** Those that no statement declares. */
  private void registers() {
    for (Matcher register = REGISTER.matcher(text); register.find(); ) {
      String name = register.group();
      boolean declared =
          registers.contains(name) || registers.contains(name.replaceFirst("\\d+$", ""));
      if (!declared) {
        add(Kind.SPECIAL_REGISTER, name, register.start());
      }
    }
  }

  private void add(Kind kind, String word, int at) {
    words.add(new Word(kind, word, 1 + ~Arrays.binarySearch(lineEnds, at)));
  }
}
