package talweg.solve;

import talweg.tensor.Tensor;

/**
 * A formula at one point, in tensor operations on scalars. Parts without a variable are computed in
 * plain double, so that a power knows a constant exponent.
 */
final class FormulaEvaluation {
  private sealed interface Value {}

  private record Constant(double value) implements Value {}

  private record Variable(Tensor tensor) implements Value {}

  private final Tensor x;
  private final Tensor[] elements;

  FormulaEvaluation(Tensor x) {
    this.x = x;
    this.elements = new Tensor[x.shape().dim(0)];
  }

  Tensor value(Formula formula) {
    return switch (evaluate(formula)) {
      // A constant is a function of x, too, and has derivatives: they are 0.
      case Constant(double value) -> x.sum().affine(0, value);
      case Variable(Tensor tensor) -> tensor;
    };
  }

  private Value evaluate(Formula formula) {
    return switch (formula) {
      case Formula.Number(double value) -> new Constant(value);
      case Formula.Variable(int index) -> new Variable(element(index - 1));
      case Formula.Negation(Formula operand) ->
          switch (evaluate(operand)) {
            case Constant(double value) -> new Constant(-value);
            case Variable(Tensor tensor) -> new Variable(tensor.neg());
          };
      case Formula.Binary(Formula.Operator operator, Formula left, Formula right) ->
          combine(operator, evaluate(left), evaluate(right));
      case Formula.Call(Formula.Function function, Formula argument) ->
          switch (evaluate(argument)) {
            case Constant(double value) -> new Constant(function.apply(scalar(value)).item());
            case Variable(Tensor tensor) -> new Variable(function.apply(tensor));
          };
    };
  }

  private Value combine(Formula.Operator operator, Value left, Value right) {
    if (left instanceof Constant(double a)) {
      return switch (right) {
        case Constant(double b) -> new Constant(combine(operator, a, b));
        case Variable(Tensor b) -> new Variable(combine(operator, a, b));
      };
    }
    Tensor a = ((Variable) left).tensor();
    return new Variable(
        switch (right) {
          case Constant(double b) -> combine(operator, a, b);
          case Variable(Tensor b) -> combine(operator, a, b);
        });
  }

  private static double combine(Formula.Operator operator, double a, double b) {
    return switch (operator) {
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case MULTIPLY -> a * b;
      case DIVIDE -> a / b;
      case POWER -> Math.pow(a, b);
    };
  }

  private Tensor combine(Formula.Operator operator, double a, Tensor b) {
    return switch (operator) {
      case ADD -> b.add(a);
      case SUBTRACT -> b.affine(-1, a);
      case MULTIPLY -> b.mul(a);
      case DIVIDE -> b.reciprocal().mul(a);
      case POWER -> scalar(a).pow(b);
    };
  }

  /**
   * Powers with a constant exponent have derivatives where the general formula, by a logarithm, has
   * none: at 0 and at negative bases.
   */
  private static Tensor combine(Formula.Operator operator, Tensor a, double b) {
    return switch (operator) {
      case ADD -> a.add(b);
      case SUBTRACT -> a.sub(b);
      case MULTIPLY -> a.mul(b);
      case DIVIDE -> a.div(b);
      case POWER -> a.pow(b);
    };
  }

  private static Tensor combine(Formula.Operator operator, Tensor a, Tensor b) {
    return switch (operator) {
      case ADD -> a.add(b);
      case SUBTRACT -> a.sub(b);
      case MULTIPLY -> a.mul(b);
      case DIVIDE -> a.div(b);
      case POWER -> a.pow(b);
    };
  }

  /** One slice for each variable, however often it occurs. */
  private Tensor element(int index) {
    if (elements[index] == null) {
      elements[index] = x.slice(0, index, index + 1).reshape();
    }
    return elements[index];
  }

  private Tensor scalar(double value) {
    return x.session().tensor(new double[] {value});
  }
}
