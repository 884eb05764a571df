package talweg.reference;

/**
 * Neumaier's compensated summation: the sum in double, with what each addition rounds off added up
 * beside it.
 */
final class CompensatedSum {
  private double sum;
  private double lost;

  void add(double x) {
    double next = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }

  double value() {
    // After an overflow or NaN the correction is meaningless.
    return Double.isFinite(sum) ? sum + lost : sum;
  }
}
