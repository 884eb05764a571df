package talweg.spi;

/**
 * Layout of the small F64 buffer that holds what changes between training steps. It lives in device
 * memory, so that a captured step can be replayed under any schedule, and no step waits for the
 * host. Counts are exact up to 2^53.
 *
 * <p>The CUDA kernels repeat these numbers in {@code optim/segments.cuh}.
 */
public final class StepState {
  /** Optimizer steps that were tried. */
  public static final int ATTEMPTED = 0;

  /** Optimizer steps that changed the weights; schedules and random streams advance with it. */
  public static final int APPLIED = 1;

  /** Counter of the random streams, see {@link Philox}. */
  public static final int RANDOM = 2;

  /** Number of counters: the entries before {@link #INCREMENTS}. */
  public static final int COUNTERS = 3;

  /**
   * What the end of a step adds to the counters, in their order and beside them, so that one call
   * moves them all: 1, {@link #WRITE} and 1.
   */
  public static final int INCREMENTS = COUNTERS;

  /** 1 if the current update may be written, else 0: what it adds to {@link #APPLIED}. */
  public static final int WRITE = INCREMENTS + APPLIED;

  /** 1 + number of the first segment with a non-finite gradient, 0 while there was none. Sticky. */
  public static final int BAD_SEGMENT = 6;

  /** Attempted step at which {@link #BAD_SEGMENT} was set. */
  public static final int BAD_STEP = 7;

  /**
   * Factor that brings accumulated gradients to their average and clips them: the update multiplies
   * by it.
   */
  public static final int GRAD_SCALE = 8;

  /** Global gradient norm of the last step, before clipping. */
  public static final int GRAD_NORM = 9;

  /** Number of entries. */
  public static final int LENGTH = 10;

  private StepState() {}
}
