package talweg.backend;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Predicate;
import talweg.conformance.CaseResult;
import talweg.conformance.Conformance;
import talweg.conformance.GoldenCase;
import talweg.conformance.Goldens;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.tensor.DType;

/** The golden vectors of the repository, on any backend. */
public final class PublicVectors {
  private PublicVectors() {}

  /** Runs the chosen cases that have a given precision. */
  public static List<CaseResult> run(Session session, DType dtype, Predicate<GoldenCase> chosen)
      throws IOException {
    try (InputStream zip =
        PublicVectors.class.getResourceAsStream("/talweg/conformance/public.zip")) {
      return Goldens.load("public.zip", zip, Goldens.ALL).stream()
          .filter(golden -> Conformance.precisions(golden).contains(dtype))
          .filter(chosen)
          .map(golden -> Conformance.run(golden, session, dtype))
          .toList();
    }
  }

  /**
   * Those that did not pass, as text. A case that a backend skips is one that it is not known to
   * compute: a test that allows some has to name them.
   */
  public static List<String> notPassed(List<CaseResult> results) {
    return results.stream().filter(r -> !r.passed()).map(CaseResult::toString).toList();
  }

  /** The same backend, which says that it has no fused call. */
  public static Backend withoutFusedCalls(Backend backend) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, arguments) -> {
              if (method.getName().equals("supports")) {
                return false;
              }
              try {
                return method.invoke(backend, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
