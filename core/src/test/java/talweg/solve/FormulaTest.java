package talweg.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.FormulaException;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;

class FormulaTest {
  private final Session session = new Session(new ReferenceBackend());

  @AfterEach
  void close() {
    session.close();
  }

  @ParameterizedTest
  @CsvSource({
    "1 + 2*3, 7",
    "2^3^2, 512",
    "-2^2, -4",
    "2^-1, 0.5",
    "-x^2, -4",
    "(-x)^2, 4",
    "8/4/2, 1",
    "8 - 4 - 2, 2",
    "2*-x, -4",
    "--x, 2",
    "+x - +1, 1",
    "1e-3, 0.001",
    ".5 + 2., 2.5",
    "1.5E+2, 150",
    "2*e, 5.43656365691809",
    "cos(pi), -1",
    "exp(log(x)), 2",
    "sqrt(x^2*4), 4",
    "abs(-x), 2",
    "sigmoid(0), 0.5",
    "tan(pi/4), 1",
    "erf(0) + tanh(0) + sin(0) + relu(-1), 0",
    "softplus(0), 0.6931471805599453",
    "x1^x1, 4",
    "2^x, 4",
    "1/x, 0.5"
  })
  void followsTheRulesOfMathematics(String text, double expected) {
    assertEquals(expected, Formula.parse(text).objective(session).value(new double[] {2}), 1e-15);
  }

  @Test
  void variablesHaveTwoKindsOfNames() {
    assertEquals(Formula.parse("x1 + x2*x3"), Formula.parse("x + y*z"));
    assertEquals(12, Formula.parse("x2 + x12").variables());
    assertEquals(0, Formula.parse("pi").variables());
    assertEquals(
        34, Formula.parse("x + 10*y + z").objective(session).value(new double[] {1, 3, 3}));
  }

  @Test
  void integerPowersHaveDerivativesAtZeroAndBelow() {
    for (double at : new double[] {0, -2, 3}) {
      double[] x = {at};
      for (int p = 0; p <= 4; p++) {
        Objective power = Formula.parse("x^" + p).objective(session);
        double first = p == 0 ? 0 : p * Math.pow(at, p - 1);
        double second = p < 2 ? 0 : p * (p - 1) * Math.pow(at, p - 2);
        assertArrayEquals(new double[] {first}, power.evaluate(x).gradient(), 1e-13);
        assertArrayEquals(new double[] {second}, power.hessian(x)[0], 1e-13);
      }
    }
    double[] below = {-2};
    Objective inverse = Formula.parse("x^-1").objective(session);
    assertEquals(-0.5, inverse.value(below));
    assertEquals(-0.25, inverse.evaluate(below).gradient()[0], 1e-15);
    assertEquals(-0.25, inverse.hessian(below)[0][0], 1e-15);
  }

  @Test
  void constantsHaveDerivativesToo() {
    Objective constant = Formula.parse("3 - 1").objective(session);
    double[] x = {1, 2};
    assertEquals(2, constant.value(x));
    assertArrayEquals(new double[2], constant.evaluate(x).gradient());
    assertArrayEquals(new double[2], constant.hessianProduct(x, x));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | 0 | found the end",
        "1 + | 3 | found the end",
        "(1 - x | 6 | \")\" for the \"(\" at character 1",
        "2x | 1 | an operator",
        "x ** 2 | 3 | found \"*\"",
        "1 + * 2 | 4 | found \"*\"",
        "1 + sine(x) | 4 | \"sine\" is not known",
        "x0 | 0 | is not known",
        "x1000000 | 0 | is not known",
        "sin x | 4 | \"(\" after sin",
        "x + x1 | 4 | one kind of variables",
        "1e999 | 0 | a double can hold",
        "3 $ 4 | 2 | found \"$\"",
        ". | 0 | a number"
      })
  void errorsPointAtThePlace(String text, int position, String message) {
    var error = assertThrows(FormulaException.class, () -> Formula.parse(text));
    assertEquals(position, error.position(), error.getMessage());
    assertTrue(error.getMessage().contains(message), error.getMessage());
    String[] lines = error.getMessage().split("\n");
    assertEquals(position + 2, lines[2].indexOf('^'), error.getMessage());
    assertEquals("  " + text, lines[1]);
  }

  @Test
  void longTextsAreRefusedOrShownInPart() {
    for (String text :
        new String[] {
          "(".repeat(100_000),
          "-".repeat(100_000) + "1",
          "2^".repeat(100_000) + "2",
          "1+".repeat(100_000) + "1",
          "exp(".repeat(100_000)
        }) {
      var error = assertThrows(FormulaException.class, () -> Formula.parse(text));
      assertTrue(error.getMessage().contains("expected at most"), error.getMessage());
      String[] lines = error.getMessage().split("\n");
      assertTrue(lines[1].length() < 100 && lines[1].length() > lines[2].length() - 2);
    }
    assertEquals(1501, Formula.parse("x+".repeat(1500) + "x").objective(session).value(ONE));
  }

  private static final double[] ONE = {1};

  @ParameterizedTest
  @ValueSource(longs = {0, 1})
  void randomTextIsReadOrRefused(long round) {
    Random random = seeded("randomTextIsReadOrRefused", round);
    String[] parts = {
      "x1",
      "x2",
      "x",
      "1",
      "2.5",
      "1e3",
      "(",
      ")",
      "+",
      "-",
      "*",
      "/",
      "^",
      "sin",
      "log(",
      " ",
      ".",
      "e",
      "pi",
      "\u00e9",
      "\n",
      "#",
      "x0",
      "E",
      "\ud83d\ude00",
      "_"
    };
    int read = 0;
    for (int i = 0; i < 5000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = 1 + random.nextInt(8); n > 0; n--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      try {
        Formula formula = Formula.parse(text.toString());
        assertEquals(formula, Formula.parse(formula.toString()), text::toString);
        read++;
      } catch (FormulaException e) {
        assertTrue(e.position() >= 0 && e.position() <= text.length(), e.getMessage());
      }
    }
    assertTrue(read > 50, () -> "few of the texts were formulas");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1})
  void printedFormulasAreReadBack(long round) {
    Random random = seeded("printedFormulasAreReadBack", round);
    for (int i = 0; i < 2000; i++) {
      Formula formula = random(random, 5);
      assertEquals(formula, Formula.parse(formula.toString()), formula::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1})
  void derivativesAgreeWithDifferences(long round) {
    Random random = seeded("derivativesAgreeWithDifferences", round);
    int compared = 0;
    for (int i = 0; i < 150; i++) {
      Formula formula = random(random, 3);
      Objective objective = formula.objective(session);
      double[] x = {0.5 + random.nextDouble(), 0.5 + random.nextDouble()};
      double[] v = {random.nextGaussian(), random.nextGaussian()};
      double h = 1e-5;
      var ahead = objective.evaluate(Vectors.plus(x, h, v));
      var behind = objective.evaluate(Vectors.plus(x, -h, v));
      double[] product = objective.hessianProduct(x, v);
      double slope = Vectors.dot(objective.evaluate(x).gradient(), v);
      double size =
          Math.abs(ahead.value()) + Vectors.norm(ahead.gradient()) + Vectors.norm(product);
      // Far out or beside a pole a difference says nothing.
      if (size < 100) {
        compared++;
        String what = formula + " at " + x[0] + ", " + x[1];
        assertEquals((ahead.value() - behind.value()) / (2 * h), slope, 1e-4, what);
        double[] difference =
            Vectors.times(1 / (2 * h), Vectors.minus(ahead.gradient(), behind.gradient()));
        assertArrayEquals(difference, product, 1e-2, what);
      }
    }
    assertTrue(compared > 50, "few formulas could be compared");
  }

  /** A formula of x1 and x2 whose functions are smooth where their argument is positive. */
  private static Formula random(Random random, int depth) {
    int kind = depth == 0 ? random.nextInt(2) : random.nextInt(8);
    return switch (kind) {
      case 0 -> new Formula.Number(random.nextInt(4) + random.nextInt(4) / 4.0);
      case 1 -> new Formula.Variable(1 + random.nextInt(2));
      case 2 -> new Formula.Negation(random(random, depth - 1));
      case 3 -> {
        var functions = Formula.Function.values();
        yield new Formula.Call(
            functions[random.nextInt(functions.length)], random(random, depth - 1));
      }
      default -> {
        var operators = Formula.Operator.values();
        yield new Formula.Binary(
            operators[random.nextInt(operators.length)],
            random(random, depth - 1),
            random(random, depth - 1));
      }
    };
  }

  private static Random seeded(String test, long round) {
    long seed = round == 0 ? 42 : System.nanoTime();
    System.out.println("FormulaTest." + test + ": seed " + seed);
    return new Random(seed);
  }
}
