package talweg.spi;

/**
 * Layout of the small F64 buffer that holds what changes between training steps. It lives in device
 * memory, so that a captured step can be replayed under any schedule, and no step waits for the
 * host. Counts are exact up to 2^53.
 */
public final class StepState {
  /** Optimizer steps that were tried. */
  public static final int ATTEMPTED = 0;

  /** Optimizer steps that changed the weights; schedules and random streams advance with it. */
  public static final int APPLIED = 1;

  /** Counter of the random streams, see {@link Philox}. */
  public static final int RANDOM = 2;

  /**
   * Factor that brings accumulated gradients to their average and clips them: the update multiplies
   * by it.
   */
  public static final int GRAD_SCALE = 3;

  /** 1 if the current update may be written, else 0. */
  public static final int WRITE = 4;

  /** Global gradient norm of the last step, before clipping. */
  public static final int GRAD_NORM = 5;

  /** 1 + number of the first segment with a non-finite gradient, 0 while there was none. Sticky. */
  public static final int BAD_SEGMENT = 6;

  /** Attempted step at which {@link #BAD_SEGMENT} was set. */
  public static final int BAD_STEP = 7;

  /** Number of entries. */
  public static final int LENGTH = 8;

  private StepState() {}
}
