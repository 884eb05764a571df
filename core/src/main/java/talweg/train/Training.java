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
   * Trains for all epochs, without validation data: what is monitored are the training figures.
   *
   * @throws talweg.error.NonFiniteException at a NaN or infinity in a gradient
   */
  TrainingResult fit(Dataset train);

  /**
   * Trains for all epochs.
   *
   * @param validation evaluated after each epoch, for curves and whatever is chosen by them; test
   *     data do not belong here but into {@link #evaluate}, once, at the end
   * @throws talweg.error.NonFiniteException at a NaN or infinity in a gradient
   */
  TrainingResult fit(Dataset train, Dataset validation);

  /**
   * Mean loss and accuracy of the model in evaluation mode, such as of the test data at the end.
   */
  Evaluation evaluate(Dataset data);
}
