package talweg.cli;

import java.nio.file.Path;
import java.util.function.Consumer;
import talweg.train.BestEpoch;
import talweg.train.Trainer;
import talweg.train.TrainingListener;

/** Hands over the best weights so far whenever a checkpoint was saved and they are new. */
final class BestModel implements TrainingListener {
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
    if (best != null && best.epoch() != saved) {
      save.accept(best);
      saved = best.epoch();
    }
  }
}
