package talweg.cpu;

import talweg.op.UnaryKind;
import talweg.spi.View;

/**
 * Shares elementwise work among the workers, in chunks of a fixed number of elements. An element's
 * result does not depend on the chunk in which it lies.
 */
final class Elementwise {
  /**
   * Elements of a chunk of cheap work, a few microseconds of it: a hand-over costs about one while
   * the workers are awake, and ten when they must be woken.
   */
  static final int CHUNK = 32 * Blocks.LENGTH;

  /** Elements of a chunk of work that costs several times as much. */
  static final int FUNCTION_CHUNK = 8 * Blocks.LENGTH;

  private final Workers workers;
  private final Workspace[] spaces;

  Elementwise(Workers workers, Workspace[] spaces) {
    this.workers = workers;
    this.spaces = spaces;
  }

  /** What is done with each run of elements. */
  @FunctionalInterface
  interface Body {
    /** Works on the current run of {@code space.blocks}. */
    void run(Workspace space, Blocks run);
  }

  /** How many elements of a kind make a chunk. */
  static int chunk(UnaryKind kind) {
    return switch (kind) {
      case SQRT, RSQRT, RECIPROCAL, SQUARE, ABS, SIGN, RELU, LEAKY_RELU, CLAMP -> CHUNK;
      case EXP, LOG, POW, SIN, COS, ERF, TANH, SIGMOID, ELU, SILU, GELU, GELU_TANH, SOFTPLUS ->
          FUNCTION_CHUNK;
    };
  }

  /** Runs the body on all elements of views of one shape, the output first. */
  void run(int chunk, Body body, View... views) {
    long size = views[0].size();
    Layout layout = size == 0 || areContiguous(views) ? null : Layout.of(views);
    if (size < 2L * chunk || workers.count() == 1) {
      run(body, spaces[0], layout, 0, size, views);
      return;
    }
    int chunks = (int) ((size + chunk - 1) / chunk);
    workers.run(
        chunks,
        (i, worker) -> {
          long from = (long) i * chunk;
          run(body, spaces[worker], layout, from, Math.min(from + chunk, size), views);
        });
  }

  private static void run(
      Body body, Workspace space, Layout layout, long from, long to, View... views) {
    Blocks blocks = space.blocks;
    blocks.start(layout, from, to, views);
    while (blocks.next()) {
      body.run(space, blocks);
    }
  }

  private static boolean areContiguous(View... views) {
    for (View view : views) {
      if (!view.isContiguous()) {
        return false;
      }
    }
    return true;
  }
}
