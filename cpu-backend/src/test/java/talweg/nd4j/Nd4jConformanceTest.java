package talweg.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.backend.Prerequisite;
import talweg.backend.PublicVectors;
import talweg.conformance.CaseResult;
import talweg.session.Session;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;

/** All public golden vectors on ND4J. */
class Nd4jConformanceTest {
  @BeforeAll
  static void onlyWhereThereIsNd4j() {
    Optional<String> missing = new Nd4jProvider().unavailableReason();
    Prerequisite.require(
        missing.isEmpty(), Prerequisite.isLinuxOnAmd64(), missing.orElse("nothing"));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F64"})
  void everyCasePasses(DType dtype) throws IOException {
    try (Session session = new Session(new Nd4jProvider().open(DeviceSpec.DEFAULT))) {
      List<CaseResult> results = PublicVectors.run(session, dtype, _ -> true);
      assertEquals(List.of(), PublicVectors.notPassed(results));
      assertTrue(results.size() >= 260, () -> "only " + results.size() + " cases");
    }
  }
}
