package talweg.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.error.DTypeException;
import talweg.nn.Functional;
import talweg.nn.Losses;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * All operations with operands of all element types: each combination gives a result, the same as
 * on the reference backend, or is refused above the backend with advice.
 */
public abstract class OperandTypesChecks {
  /** Methods that are no operations: they describe, read, or ask for gradients. */
  private static final Set<String> NO_OPERATIONS =
      Set.of(
          "session",
          "shape",
          "dtype",
          "rank",
          "size",
          "view",
          "storage",
          "named",
          "free",
          "slot",
          "grad",
          "gradientSlot",
          "requiresGrad",
          "toString",
          "item",
          "toDoubles",
          "toFloats",
          "toInts");

  private final Supplier<Backend> backends;

  protected OperandTypesChecks(Supplier<Backend> backends) {
    this.backends = backends;
  }

  static Stream<TypedOperation> operations() {
    return TypedOperation.all().stream();
  }

  @ParameterizedTest
  @MethodSource("operations")
  void eachCombinationGivesAResultOrAnError(TypedOperation operation) {
    Set<List<DType>> computed = new HashSet<>();
    try (Session session = new Session(backends.get());
        Session oracle = Session.open("reference")) {
      for (List<DType> types : operation.combinations()) {
        Object expected = outcome(operation, oracle, types);
        Object actual = outcome(operation, session, types);
        String what = operation + " of " + types;
        if (expected instanceof double[] values) {
          assertArrayEquals(values, (double[]) actual, 1e-5, what);
          computed.add(types);
        } else {
          assertEquals(expected, actual, what);
        }
      }
    }
    assertTrue(computed.contains(operation.usual()), "refused: " + operation.usual());
  }

  /** The values, or the message of the error. */
  private static Object outcome(TypedOperation operation, Session session, List<DType> types) {
    try (var _ = session.seed(1).scope("combination")) {
      return operation.run(session, types).toDoubles();
    } catch (DTypeException e) {
      String message = e.getMessage();
      assertTrue(
          message.contains("to(DType") || message.contains("compare("),
          () -> operation + " of " + types + " gives no advice: " + message);
      return message;
    }
  }

  /** A new operation is tried, too, as soon as it has an entry, and it has to have one. */
  @Test
  void noOperationIsLeftOut() {
    Set<String> tried = new HashSet<>();
    TypedOperation.all().forEach(operation -> tried.add(operation.name().split(" ", 2)[0]));
    List<String> missing = new ArrayList<>();
    for (Class<?> type : List.of(Tensor.class, Functional.class, Losses.class)) {
      assertNotEquals(0, type.getDeclaredMethods().length);
      for (Method method : type.getDeclaredMethods()) {
        boolean operation =
            Modifier.isPublic(method.getModifiers())
                && !(type == Tensor.class && NO_OPERATIONS.contains(method.getName()));
        if (operation && !tried.contains(method.getName())) {
          missing.add(type.getSimpleName() + "." + method.getName());
        }
      }
    }
    assertEquals(List.of(), missing);
  }

  /** The gradient of what an operation accepts arrives, or asking for it is refused as clearly. */
  @ParameterizedTest
  @MethodSource("operations")
  void gradientsArriveOrAreRefused(TypedOperation operation) {
    try (Session session = new Session(backends.get())) {
      for (List<DType> types : operation.combinations()) {
        try (var _ = session.scope("combination")) {
          List<Tensor> leaves =
              operation.operands(
                  session, types.stream().map(t -> t == DType.BF16 ? DType.F32 : t).toList());
          leaves.stream().filter(x -> x.dtype().isArithmetic()).forEach(Tensor::requireGrad);
          List<Tensor> operands = new ArrayList<>();
          leaves.forEach(leaf -> operands.add(leaf.to(types.get(operands.size()))));
          Tensor result = operation.run(operands);
          if (result.requiresGrad() && result.dtype().isArithmetic()) {
            result.sum().backward();
            leaves.forEach(x -> {
              if (x.grad() != null) {
                assertEquals(x.dtype(), x.grad().dtype(), operation + " of " + types);
                assertEquals(x.size(), x.grad().toDoubles().length);
              }
            });
          }
        } catch (DTypeException e) {
          // A refusal may name what the gradient would have needed; its advice is checked above.
          assertNotEquals(operation.usual(), types, e::getMessage);
        }
      }
    }
  }
}
