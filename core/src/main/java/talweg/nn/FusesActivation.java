package talweg.nn;

import talweg.op.FusedActivation;
import talweg.tensor.Tensor;

/** A layer that takes the activation behind it into its own pass over the result. */
sealed interface FusesActivation permits Linear, Conv2d {
  /** Whether it does so with its present settings. */
  boolean fusesActivation();

  /** This layer and the activation that follows it, in one pass where the backend offers that. */
  Tensor forwardActivated(Tensor x, FusedActivation activation);
}
