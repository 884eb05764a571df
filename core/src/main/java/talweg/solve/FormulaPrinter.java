package talweg.solve;

/** Writes formulas with no more parentheses than reading them back needs. */
final class FormulaPrinter {
  /** How tightly a formula's outermost operator binds. */
  private static final int SUM = 1;

  private static final int PRODUCT = 2;
  private static final int SIGN = 3;
  private static final int POWER = 4;
  private static final int PRIMARY = 5;

  private final StringBuilder out = new StringBuilder();

  private FormulaPrinter() {}

  static String print(Formula formula) {
    FormulaPrinter printer = new FormulaPrinter();
    printer.append(formula, SUM);
    return printer.out.toString();
  }

  /** The formula, in parentheses if it binds less tightly than its place asks for. */
  private void append(Formula formula, int needed) {
    boolean parentheses = binding(formula) < needed;
    if (parentheses) {
      out.append('(');
    }
    switch (formula) {
      case Formula.Number(double value) -> appendNumber(value);
      case Formula.Variable(int index) -> out.append('x').append(index);
      case Formula.Negation(Formula operand) -> {
        out.append('-');
        append(operand, SIGN);
      }
      case Formula.Binary binary -> appendBinary(binary);
      case Formula.Call(Formula.Function function, Formula argument) -> {
        out.append(function.symbol()).append('(');
        append(argument, SUM);
        out.append(')');
      }
    }
    if (parentheses) {
      out.append(')');
    }
  }

  /** Sums and products associate to the left, powers to the right. */
  private void appendBinary(Formula.Binary binary) {
    int own = binding(binary);
    append(binary.left(), own == POWER ? PRIMARY : own);
    String symbol = binary.operator().symbol();
    out.append(own == SUM ? " " + symbol + " " : symbol);
    append(binary.right(), own == POWER ? SIGN : own + 1);
  }

  private void appendNumber(double value) {
    boolean integer = value == Math.rint(value) && value < 1e15;
    out.append(integer ? Long.toString((long) value) : Double.toString(value));
  }

  private static int binding(Formula formula) {
    return switch (formula) {
      case Formula.Number _, Formula.Variable _, Formula.Call _ -> PRIMARY;
      case Formula.Negation _ -> SIGN;
      case Formula.Binary(Formula.Operator operator, _, _) ->
          switch (operator) {
            case ADD, SUBTRACT -> SUM;
            case MULTIPLY, DIVIDE -> PRODUCT;
            case POWER -> POWER;
          };
    };
  }
}
