package talweg.train;

import java.util.List;

/** Where a training stands, between two steps, and what it has found so far. */
final class TrainingRun {
  private final RecentEpochs results = new RecentEpochs();
  private final Clock clock;
  private final double epochSeconds;
  private int batch;

  /** A training from its beginning. */
  TrainingRun(Clock clock) {
    this.clock = clock;
    this.epochSeconds = 0;
  }

  /** A training that goes on. */
  TrainingRun(Clock clock, TrainingState from) {
    from.epochs()
        .forEach(result -> {
          results.add(result);
          if (from.best() != null && from.best().epoch() == result.epoch()) {
            results.best(result);
          }
        });
    this.clock = clock;
    this.epochSeconds = from.epochSeconds();
    this.batch = from.batch();
    clock.resume(from.seconds(), results.finished());
  }

  /** The epoch that is running, or comes next, from 1. */
  int epoch() {
    return results.finished() + 1;
  }

  /** Batches done in it. */
  int batch() {
    return batch;
  }

  Clock clock() {
    return clock;
  }

  /** Epochs that were finished. */
  int finished() {
    return results.finished();
  }

  /** The last results up to a limit, and the best one before them. */
  List<EpochResult> results(int most) {
    return results.list(most);
  }

  /** Keeps an epoch's result however long the training gets. */
  void best(EpochResult result) {
    results.best(result);
  }

  /** Begins or goes on with the epoch. */
  void startEpoch() {
    clock.startEpoch(batch == 0 ? 0 : epochSeconds);
  }

  void batchDone() {
    batch++;
  }

  void epochDone(EpochResult result) {
    results.add(result);
    batch = 0;
  }

  /** Seconds in an epoch that is not finished. */
  double secondsInEpoch() {
    return batch == 0 ? 0 : clock.secondsInEpoch();
  }
}
