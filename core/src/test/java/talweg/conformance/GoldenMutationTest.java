package talweg.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.conformance.CaseResult.Status;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A runner that compared nothing would pass everything: a wrong number in what is expected must be
 * noticed.
 */
class GoldenMutationTest {
  /** Expected values that only describe the reference run, and the second opinion in float32. */
  private static final Set<String> NOT_COMPARED =
      Set.of(
          "float32",
          "shape",
          "gradient_max_abs_at_solution",
          "lbfgs_iterations_scipy",
          "lbfgs_evaluations_scipy",
          "hessian_eigenvalues",
          "reduced_hessian_eigenvalues",
          "of");

  private static final int MUTATIONS = 3;

  @ParameterizedTest
  @ValueSource(
      strings = {"autodiff", "clipping", "optimizers", "schedules", "training", "secondorder"})
  void everyWrongNumberIsNoticed(String area) throws IOException {
    List<String> unnoticed = new ArrayList<>();
    int tried = 0;
    try (Session session = new Session(new ReferenceBackend())) {
      for (GoldenCase golden : GoldenVectorsTest.publicCases(area + "/*")) {
        if (Conformance.run(golden, session, DType.F64).status() != Status.PASSED) {
          continue;
        }
        JsonNode root = golden.root().json().deepCopy();
        List<Runnable[]> places = new ArrayList<>();
        expected(area, root).forEach(node -> collect(node, places));
        for (int i = 0; i < Math.min(MUTATIONS, places.size()); i++) {
          Runnable[] place = places.get(i * (places.size() - 1) / MUTATIONS);
          place[0].run();
          GoldenCase wrong = new GoldenCase(new Field(golden.id() + ".json", root));
          CaseResult result = Conformance.run(wrong, session, DType.F64);
          place[1].run();
          tried++;
          if (result.status() != Status.FAILED || !(result.relative() > 1)) {
            unnoticed.add(i + " of " + places.size() + ": " + result);
          }
        }
      }
    }
    assertTrue(tried > 5, area + ": only " + tried);
    assertEquals(List.of(), unnoticed);
  }

  /**
   * The parts of a case whose numbers are compared. Of several minima only the one that a search
   * ends at is, and of a degenerate one only the value.
   */
  private static List<JsonNode> expected(String area, JsonNode root) {
    if (area.equals("schedules")) {
      return List.of(root.has("lr") ? root.get("lr") : root.get("lr_after_step"));
    }
    if (!area.equals("secondorder")) {
      return List.of(root.get("expected"));
    }
    JsonNode minima = root.has("minima") ? root.get("minima") : root.get("solutions");
    List<JsonNode> compared = new ArrayList<>();
    if (root.has("derivative_checks")) {
      compared.add(root.get("derivative_checks"));
    }
    if (minima.size() == 1 && !root.get("case").stringValue().equals("hs026")) {
      compared.add(minima);
    }
    return compared;
  }

  /** For each number a pair of actions: change it, and change it back. */
  private static void collect(JsonNode node, List<Runnable[]> places) {
    if (node instanceof ObjectNode object) {
      for (String name : object.propertyNames()) {
        JsonNode value = object.get(name);
        if (NOT_COMPARED.contains(name)) {
          continue;
        }
        if (value.isNumber()) {
          places.add(
              new Runnable[] {
                () -> object.put(name, value.doubleValue() + 1), () -> object.set(name, value)
              });
        }
        collect(value, places);
      }
    } else if (node instanceof ArrayNode array) {
      double scale = largest(array) + 1;
      for (int i = 0; i < array.size(); i++) {
        int at = i;
        JsonNode value = array.get(i);
        if (value.isIntegralNumber()) {
          places.add(
              new Runnable[] {
                () -> array.set(at, value.intValue() + 1), () -> array.set(at, value)
              });
        } else if (value.isNumber()) {
          places.add(
              new Runnable[] {
                () -> array.set(at, value.doubleValue() + scale), () -> array.set(at, value)
              });
        }
        collect(value, places);
      }
    }
  }

  private static double largest(ArrayNode array) {
    double largest = 0;
    for (JsonNode value : array) {
      largest = value.isNumber() ? Math.max(largest, Math.abs(value.doubleValue())) : largest;
    }
    return largest;
  }
}
