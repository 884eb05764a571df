package talweg.train;

import java.util.ArrayList;
import java.util.List;

/** Where a training stands, between two steps, and what it has found so far. */
final class TrainingRun {
  private final List<EpochResult> results;
  private final Clock clock;
  private final double epochSeconds;
  private int batch;

  /** A training from its beginning. */
  TrainingRun(Clock clock) {
    this.results = new ArrayList<>();
    this.clock = clock;
    this.epochSeconds = 0;
  }

  /** A training that goes on. */
  TrainingRun(Clock clock, TrainingState from) {
    this.results = new ArrayList<>(from.epochs());
    this.clock = clock;
    this.epochSeconds = from.epochSeconds();
    this.batch = from.batch();
    clock.resume(from.seconds(), results.size());
  }

  /** The epoch that is running, or comes next, from 1. */
  int epoch() {
    return results.size() + 1;
  }

  /** Batches done in it. */
  int batch() {
    return batch;
  }

  Clock clock() {
    return clock;
  }

  List<EpochResult> results() {
    return results;
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
