package talweg.conformance;

import talweg.session.Session;
import talweg.tensor.DType;

/** Runs the cases of one area. */
@FunctionalInterface
interface AreaRunner {
  /**
   * Computes what the case describes and hands every result to the comparison.
   *
   * @throws NotOffered if Talweg does not have what the case asks for
   */
  void run(Field golden, Session session, DType dtype, Comparison comparison);
}
