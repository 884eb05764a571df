package talweg.optim;

import talweg.check.Require;

/**
 * The settings of NVIDIA's LAMB, in which it differs from the paper's.
 *
 * @param decay weight decay
 * @param biasCorrection whether the moments are corrected for their start at 0
 * @param averageGradients whether a gradient enters the first moment times 1 - beta1, else times 1
 * @param decoupled whether the decay is added to the direction as in AdamW, else to the gradient
 * @param adaptUndecayed whether a group without decay has a trust ratio, too ("NVLAMB")
 */
public record NvidiaLamb(
    double beta1,
    double beta2,
    double eps,
    double decay,
    boolean biasCorrection,
    boolean averageGradients,
    boolean decoupled,
    boolean adaptUndecayed) {
  public NvidiaLamb {
    Require.decay("lamb-nvidia", "beta1", beta1);
    Require.decay("lamb-nvidia", "beta2", beta2);
    Require.notNegative("lamb-nvidia", "eps", eps);
    Require.notNegative("lamb-nvidia", "weight decay", decay);
  }

  /** The defaults of Apex. */
  public static final NvidiaLamb DEFAULT =
      new NvidiaLamb(0.9, 0.999, 1e-6, 1e-2, true, true, true, false);

  /** Whether there is a trust ratio. */
  boolean adapts() {
    return adaptUndecayed || decay != 0;
  }
}
