package talweg.train;

import java.nio.file.Path;
import java.util.List;

/** Watches a training; all methods are called by the training's thread. */
public interface TrainingListener {
  /**
   * Before the first step, if a training goes on from a checkpoint: the last epochs until then and
   * the best one, as far as they are in the checkpoint. Earlier ones have to be kept by whoever
   * needs them.
   */
  default void onResume(List<EpochResult> before) {}

  /** A few times a second: reading the metrics waits for the device, so not after every batch. */
  default void onProgress(Progress progress) {}

  /** Before {@link #onEpoch}, in mini-batch training, once a step's parts were timed. */
  default void onPhases(Phases phases) {}

  /** After each epoch and its evaluation. */
  default void onEpoch(EpochResult result) {}

  /**
   * Something that a user should know, said once: what makes the training slower than it could be,
   * and how to change that.
   */
  default void onNotice(String notice) {}

  /**
   * Before a checkpoint is written: what belongs to the epochs so far has to be on the disk, as the
   * checkpoint does not hold it.
   */
  default void beforeCheckpoint() {}

  /** After a checkpoint was written. */
  default void onCheckpoint(Path file) {}
}
