package talweg.train;

/** Watches a training; all methods are called by the training's thread. */
public interface TrainingListener {
  /** A few times a second: reading the metrics waits for the device, so not after every batch. */
  default void onProgress(Progress progress) {}

  /** Before {@link #onEpoch}, in mini-batch training, once a step's parts were timed. */
  default void onPhases(Phases phases) {}

  /** After each epoch and its evaluation. */
  default void onEpoch(EpochResult result) {}
}
