package talweg.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;

/**
 * Optimizers that the public golden vectors lack, against vectors in the same format: torch
 * 2.13.0+cpu in float64, seed 20, made by {@code generate.py} beside them.
 */
class FurtherOptimizersTest {
  @ParameterizedTest
  @EnumSource(names = {"F64", "F32"})
  void everyCasePasses(DType dtype) throws URISyntaxException {
    Path folder = Path.of(FurtherOptimizersTest.class.getResource("further").toURI());
    try (Session session = new Session(new ReferenceBackend())) {
      List<CaseResult> results =
          Goldens.load(folder, Goldens.ALL).stream()
              .map(c -> Conformance.run(c, session, dtype))
              .toList();
      List<CaseResult> failed = results.stream().filter(r -> !r.passed()).toList();
      assertEquals(List.of(), failed);
      assertEquals(14, results.size());
    }
  }
}
