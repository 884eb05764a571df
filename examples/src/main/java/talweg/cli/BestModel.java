package talweg.cli;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.error.CheckpointException;
import talweg.train.BestEpoch;
import talweg.train.Trainer;
import talweg.train.TrainingListener;

/** Hands over the best weights so far whenever a checkpoint was saved and they are new. */
final class BestModel implements TrainingListener {
  private static final Logger LOG = LoggerFactory.getLogger(BestModel.class);

  private final Trainer trainer;
  private final Consumer<BestEpoch> save;
  private int saved;

  BestModel(Trainer trainer, Consumer<BestEpoch> save) {
    this.trainer = trainer;
    this.save = save;
  }

  @Override
  public void onCheckpoint(Path file) {
    BestEpoch best = trainer.best();
    if (best == null || best.epoch() == saved) {
      return;
    }
    try {
      save.accept(best);
      saved = best.epoch();
    } catch (CheckpointException e) {
      // The checkpoint that was just saved has them, too, and there will be others.
      LOG.warn("{}", e.getMessage());
    }
  }
}
