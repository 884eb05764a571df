package talweg.solve;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import talweg.error.FormulaException;

/**
 * Reads a formula by recursive descent.
 *
 * <pre>
 * sum     = product { ("+" | "-") product }
 * product = sign { ("*" | "/") sign }
 * sign    = "-" sign | "+" sign | power
 * power   = primary [ "^" sign ]
 * primary = number | variable | constant | function "(" sum ")" | "(" sum ")"
 * </pre>
 */
final class FormulaParser {
  /** Bounds keep the recursion here and in the formula's evaluation within the stack. */
  private static final int MAX_NESTING = 200;

  private static final int MAX_OPERATIONS = 2000;
  private static final int MAX_INDEX = 100_000;

  /** How much of a long text an error message shows on each side of the place. */
  private static final int SHOWN = 36;

  private static final String OPERAND =
      "a number, a variable (x1, x2, ... or x, y, z), pi, e, a function or \"(\"";

  private final String text;
  private int position;
  private int nesting;
  private int operations;
  private boolean numbered;
  private boolean lettered;

  FormulaParser(String text) {
    this.text = text;
  }

  Formula parse() {
    Formula formula = sum();
    if (position < text.length()) {
      throw expected("an operator (+ - * / ^) or the end", position);
    }
    return formula;
  }

  private Formula sum() {
    Formula left = product();
    while (true) {
      if (accept('+')) {
        left = binary(Formula.Operator.ADD, left, product());
      } else if (accept('-')) {
        left = binary(Formula.Operator.SUBTRACT, left, product());
      } else {
        return left;
      }
    }
  }

  private Formula product() {
    Formula left = sign();
    while (true) {
      if (accept('*')) {
        left = binary(Formula.Operator.MULTIPLY, left, sign());
      } else if (accept('/')) {
        left = binary(Formula.Operator.DIVIDE, left, sign());
      } else {
        return left;
      }
    }
  }

  private Formula sign() {
    enter();
    Formula formula;
    if (accept('-')) {
      formula = new Formula.Negation(sign());
    } else if (accept('+')) {
      formula = sign();
    } else {
      formula = power();
    }
    nesting--;
    return formula;
  }

  private Formula power() {
    Formula base = primary();
    return accept('^') ? binary(Formula.Operator.POWER, base, sign()) : base;
  }

  private Formula primary() {
    skipSpace();
    int start = position;
    if (accept('(')) {
      Formula formula = sum();
      close(start);
      return formula;
    }
    char next = peek();
    if (isDigit(next) || next == '.') {
      return number();
    }
    if (isLetter(next)) {
      return named();
    }
    throw expected(OPERAND, start);
  }

  /** Digits with at most one point, and an exponent if digits follow the e. */
  private Formula number() {
    int start = position;
    int digits = digits();
    if (peek() == '.') {
      position++;
      digits += digits();
    }
    if (digits == 0) {
      throw expected(OPERAND, start);
    }
    int mantissa = position;
    if (peek() == 'e' || peek() == 'E') {
      position++;
      if (peek() == '+' || peek() == '-') {
        position++;
      }
      if (digits() == 0) {
        position = mantissa;
      }
    }
    double value = Double.parseDouble(text.substring(start, position));
    if (Double.isInfinite(value)) {
      throw error("expected a number that a double can hold", start);
    }
    Formula number = new Formula.Number(value);
    skipSpace();
    return number;
  }

  /** Passes over digits and counts them. */
  private int digits() {
    int start = position;
    while (isDigit(peek())) {
      position++;
    }
    return position - start;
  }

  /** A variable, a constant or a function with its argument. */
  private Formula named() {
    int start = position;
    while (isLetter(peek()) || isDigit(peek())) {
      position++;
    }
    String name = text.substring(start, position);
    skipSpace();
    switch (name) {
      case "pi":
        return new Formula.Number(Math.PI);
      case "e":
        return new Formula.Number(Math.E);
      case "x", "y", "z":
        lettered = true;
        return variable(name.charAt(0) - 'x' + 1, start);
      default:
        break;
    }
    for (Formula.Function function : Formula.Function.values()) {
      if (function.symbol().equals(name)) {
        return call(function);
      }
    }
    if (name.matches("x[1-9][0-9]{0,5}") && Integer.parseInt(name.substring(1)) <= MAX_INDEX) {
      numbered = true;
      return variable(Integer.parseInt(name.substring(1)), start);
    }
    throw unknown(name, start);
  }

  private Formula variable(int index, int start) {
    if (numbered && lettered) {
      throw error("expected one kind of variables, either x, y, z or x1, x2, x3", start);
    }
    return new Formula.Variable(index);
  }

  private Formula call(Formula.Function function) {
    int open = position;
    if (!accept('(')) {
      throw expected("\"(\" after " + function.symbol(), position);
    }
    countOperation(open);
    Formula argument = sum();
    close(open);
    return new Formula.Call(function, argument);
  }

  private Formula binary(Formula.Operator operator, Formula left, Formula right) {
    countOperation(position);
    return new Formula.Binary(operator, left, right);
  }

  private void countOperation(int at) {
    if (++operations > MAX_OPERATIONS) {
      throw error("expected at most " + MAX_OPERATIONS + " operations", at);
    }
  }

  /** Every recursion passes through {@link #sign}. */
  private void enter() {
    if (++nesting > MAX_NESTING) {
      throw error("expected at most " + MAX_NESTING + " parts within one another", position);
    }
  }

  private void close(int open) {
    if (!accept(')')) {
      throw expected("an operator (+ - * / ^) or \")\" for the \"(\" " + column(open), position);
    }
  }

  /** Passes over the character and the space behind it, if it is next. */
  private boolean accept(char symbol) {
    skipSpace();
    if (peek() != symbol) {
      return false;
    }
    position++;
    skipSpace();
    return true;
  }

  private void skipSpace() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
  }

  /** The next character; 0 at the end, which starts nothing. */
  private char peek() {
    return position < text.length() ? text.charAt(position) : 0;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLetter(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
  }

  private FormulaException unknown(String name, int start) {
    String functions =
        Arrays.stream(Formula.Function.values())
            .map(Formula.Function::symbol)
            .collect(Collectors.joining(", "));
    String shown = name.length() > SHOWN ? name.substring(0, SHOWN) + "..." : name;
    return error(
        String.format(
            Locale.ROOT,
            "\"%s\" is not known; expected a variable (x1 to x%d, or x, y, z), pi, e or one of the"
                + " functions %s",
            shown,
            MAX_INDEX,
            functions),
        start);
  }

  private FormulaException expected(String what, int at) {
    String found =
        at >= text.length()
            ? "the end"
            : "\"" + printable(Character.toString(text.codePointAt(at))) + "\"";
    return error("expected " + what + ", found " + found, at);
  }

  /** The message, and below it the text with a caret under the place. */
  private FormulaException error(String message, int at) {
    int from = Math.max(0, at - SHOWN);
    int to = Math.min(text.length(), at + SHOWN);
    String before = (from > 0 ? "..." : "") + text.substring(from, at);
    String after = text.substring(at, to) + (to < text.length() ? "..." : "");
    return new FormulaException(
        "formula, %s: %s\n  %s\n  %s^"
            .formatted(column(at), message, printable(before + after), " ".repeat(before.length())),
        at);
  }

  private static String column(int at) {
    return String.format(Locale.ROOT, "at character %d", at + 1);
  }

  /** Line breaks and the like would move the caret away from its place. */
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
