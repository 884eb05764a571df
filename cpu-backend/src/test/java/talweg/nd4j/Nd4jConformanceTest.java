package talweg.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.conformance.CaseResult;
import talweg.conformance.Conformance;
import talweg.conformance.GoldenCase;
import talweg.conformance.Goldens;
import talweg.session.Session;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;

/** All public golden vectors on ND4J. */
class Nd4jConformanceTest {
  @BeforeAll
  static void onlyWhereThereIsNd4j() {
    assumeTrue(new Nd4jProvider().unavailableReason().isEmpty());
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F64"})
  void everyCasePassesOrIsSkipped(DType dtype) throws IOException {
    try (Session session = new Session(new Nd4jProvider().open(DeviceSpec.DEFAULT))) {
      List<CaseResult> results =
          cases().stream()
              .filter(golden -> Conformance.precisions(golden).contains(dtype))
              .map(golden -> Conformance.run(golden, session, dtype))
              .toList();
      List<String> failed =
          results.stream()
              .filter(r -> r.status() == CaseResult.Status.FAILED)
              .map(CaseResult::toString)
              .toList();
      assertEquals(List.of(), failed);
      assertTrue(results.stream().filter(CaseResult::passed).count() >= 260);
    }
  }

  private static List<GoldenCase> cases() throws IOException {
    try (InputStream zip =
        Nd4jConformanceTest.class.getResourceAsStream("/talweg/conformance/public.zip")) {
      return Goldens.load("public.zip", zip, Goldens.ALL);
    }
  }
}
