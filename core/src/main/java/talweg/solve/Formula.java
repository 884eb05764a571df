package talweg.solve;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.UnaryOperator;
import talweg.error.FormulaException;
import talweg.session.Session;
import talweg.tensor.Tensor;

/**
 * A formula in variables x1, x2, ..., read from text such as {@code (1 - x1)^2 + 100*(x2 -
 * x1^2)^2}.
 *
 * <p>Operators are {@code + - * / ^}, with the precedence of mathematics: powers bind tighter than
 * a sign ({@code -x1^2} is {@code -(x1^2)}) and associate to the right. {@code x}, {@code y} and
 * {@code z} are other names for x1, x2 and x3; one formula uses one kind of name. There are the
 * constants {@code pi} and {@code e} and the functions of {@link Function}.
 *
 * <p>{@code toString} gives text that {@link #parse} reads as an equal formula.
 */
public sealed interface Formula {
  /** A number that is finite and not negative; a negative one is a {@link Negation}. */
  record Number(double value) implements Formula {
    public Number {
      if (!(value >= 0) || Double.isInfinite(value)) {
        throw new IllegalArgumentException(
            "number in a formula: expected a finite value >= 0, got " + value);
      }
      // Zero has no sign here, so that it is printed without one.
      value = value + 0.0;
    }

    @Override
    public String toString() {
      return FormulaPrinter.print(this);
    }
  }

  /** The variable x1, x2, ...; {@code index} counts from 1. */
  record Variable(int index) implements Formula {
    public Variable {
      if (index < 1) {
        throw new IllegalArgumentException(
            "variable in a formula: expected an index >= 1, got " + index);
      }
    }

    @Override
    public String toString() {
      return FormulaPrinter.print(this);
    }
  }

  /** {@code -operand}. */
  record Negation(Formula operand) implements Formula {
    @Override
    public String toString() {
      return FormulaPrinter.print(this);
    }
  }

  /** Two operands with an operator between them. */
  record Binary(Operator operator, Formula left, Formula right) implements Formula {
    @Override
    public String toString() {
      return FormulaPrinter.print(this);
    }
  }

  /** A function of one argument. */
  record Call(Function function, Formula argument) implements Formula {
    @Override
    public String toString() {
      return FormulaPrinter.print(this);
    }
  }

  /** An operator between two operands. */
  enum Operator {
    ADD("+"),
    SUBTRACT("-"),
    MULTIPLY("*"),
    DIVIDE("/"),
    POWER("^");

    private final String symbol;

    Operator(String symbol) {
      this.symbol = symbol;
    }

    /** As it is written. */
    public String symbol() {
      return symbol;
    }
  }

  /** The functions of a formula, written in lower case. */
  enum Function {
    EXP(Tensor::exp),
    /** The natural logarithm. */
    LOG(Tensor::log),
    SQRT(Tensor::sqrt),
    SIN(Tensor::sin),
    COS(Tensor::cos),
    TAN(x -> x.sin().div(x.cos())),
    TANH(Tensor::tanh),
    ABS(Tensor::abs),
    /** 1 / (1 + exp(-x)). */
    SIGMOID(Tensor::sigmoid),
    /** log(1 + exp(x)). */
    SOFTPLUS(Tensor::softplus),
    /** max(x, 0). */
    RELU(Tensor::relu),
    /** The Gauss error function. */
    ERF(Tensor::erf);

    private final UnaryOperator<Tensor> tensors;

    Function(UnaryOperator<Tensor> tensors) {
      this.tensors = tensors;
    }

    /** As it is written. */
    public String symbol() {
      return name().toLowerCase(Locale.ROOT);
    }

    Tensor apply(Tensor x) {
      return tensors.apply(x);
    }
  }

  /**
   * Reads a formula.
   *
   * @throws FormulaException if the text is not one; the message points at the place
   */
  static Formula parse(String text) {
    return new FormulaParser(text).parse();
  }

  /** The highest index of a variable; 0 of a constant. */
  default int variables() {
    return switch (this) {
      case Number _ -> 0;
      case Variable(int index) -> index;
      case Negation(Formula operand) -> operand.variables();
      case Binary(_, Formula left, Formula right) -> Math.max(left.variables(), right.variables());
      case Call(_, Formula argument) -> argument.variables();
    };
  }

  /**
   * The value in tensor operations.
   *
   * @param x F64 [n] with n at least {@link #variables}
   * @return a scalar
   */
  default Tensor of(Tensor x) {
    if (x.shape().rank() != 1 || x.shape().dim(0) < variables()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "formula with x%d: expected a point of shape [%d] or longer, got %s",
              variables(),
              variables(),
              Arrays.toString(x.shape().dims())));
    }
    return new FormulaEvaluation(x).value(this);
  }

  /** The function of a point with derivatives by autodiff, computed in {@code session}. */
  default Objective objective(Session session) {
    return Objective.of(session, this::of);
  }
}
