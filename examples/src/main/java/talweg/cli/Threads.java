package talweg.cli;

/** The value of {@code --threads}. */
final class Threads {
  /** More than any machine has cores for. */
  private static final int MOST = 1024;

  private Threads() {}

  /**
   * How many worker threads to ask a backend for, 0 for its own choice.
   *
   * @param given the flag's value, or null
   */
  static int of(Integer given) {
    if (given == null) {
      return 0;
    }
    if (given < 1 || given > MOST) {
      throw new UsageException(
          "--threads: expected 1 to %d, got %d; leave it out for as many as cores"
              .formatted(MOST, given));
    }
    return given;
  }
}
