package talweg.train;

import talweg.data.Dataset;

/** A way to train a model: in mini-batches, or on all examples at once. */
public sealed interface Training permits Trainer, FullBatchTrainer {
  /** Adds a listener. */
  Training listen(TrainingListener listener);

  /** What is minimised. */
  Objective objective();

  /** How the weights are updated, and why so. */
  String explain();

  /**
   * Asks {@link #fit} to end after the step at work; from any thread. Where checkpoints are saved,
   * it saves one then.
   */
  void stop();

  /**
   * Trains for all epochs.
   *
   * @param test evaluated after each epoch, or null
   * @throws talweg.error.NonFiniteException at a NaN or infinity in a gradient
   */
  TrainingResult fit(Dataset train, Dataset test);
}
