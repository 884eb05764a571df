package talweg.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import talweg.data.Batch;
import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.io.HostTensor;
import talweg.io.NamedTensors;
import talweg.nn.Module;
import talweg.optim.Optimizer;
import talweg.optim.Schedule;
import talweg.tensor.Tensor;

/**
 * Runs a learning-rate range test and puts everything back: parameters, running statistics, the
 * optimizer's states and counts, schedules, random streams.
 */
final class RateSweep {
  private final Module model;
  private final Optimizer optimizer;
  private final Metrics metrics;
  private final TrainerOptions options;
  private final Consumer<Batch> microBatch;

  /**
   * A test of a trainer's parts.
   *
   * @param microBatch forward and backward pass of one of the batches of a step
   */
  RateSweep(
      Module model,
      Optimizer optimizer,
      Metrics metrics,
      TrainerOptions options,
      Consumer<Batch> microBatch) {
    this.model = model;
    this.optimizer = optimizer;
    this.metrics = metrics;
    this.options = options;
    this.microBatch = microBatch;
  }

  RateTest run(Dataset train, RateRange range) {
    Map<String, HostTensor> before = NamedTensors.copy(tensors());
    List<Schedule> schedules = optimizer.schedules();
    boolean wasTraining = model.isTraining();
    try {
      optimizer.schedules(rising(schedules, range));
      model.train();
      return RateTest.of(sweep(train, range));
    } finally {
      NamedTensors.restore("range test", tensors(), before);
      optimizer.resume(schedules);
      metrics.reset();
      if (!wasTraining) {
        model.eval();
      }
    }
  }

  private List<RateTest.Point> sweep(Dataset train, RateRange range) {
    List<RateTest.Point> points = new ArrayList<>();
    int parts = options.optimizer().accumulate();
    long epoch = 0;
    Batches batches = Batches.of(train, options.batch()).shuffled(options.seed(), epoch);
    int next = 0;
    for (int step = 0; step < range.steps(); step++) {
      metrics.reset();
      for (int part = 0; part < parts; part++) {
        if (next == batches.batchCount()) {
          batches = batches.shuffled(options.seed(), ++epoch);
          next = 0;
        }
        microBatch.accept(batches.batch(next++));
      }
      optimizer.step();
      points.add(RateTest.next(points, range.rate(step), metrics.read().loss()));
      if (RateTest.hasDiverged(points)) {
        break;
      }
    }
    return points;
  }

  /** Rates that rise from the next step on; groups keep the ratios of their rates. */
  private List<Schedule> rising(List<Schedule> schedules, RateRange range) {
    long start = optimizer.appliedSteps();
    double first = schedules.getFirst().rate(start);
    return schedules.stream()
        .map(s -> first > 0 ? s.rate(start) / first : 1)
        .<Schedule>map(ratio -> step -> ratio * range.rate(step - start))
        .toList();
  }

  private Map<String, Tensor> tensors() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    model.state().forEach((name, tensor) -> all.put("model." + name, tensor));
    optimizer.state().forEach((name, tensor) -> all.put("optimizer." + name, tensor));
    return all;
  }
}
