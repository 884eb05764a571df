package talweg.tensorboard;

import java.util.function.Function;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.tensor.Tensor;
import talweg.train.EpochResult;
import talweg.train.Evaluation;
import talweg.train.Phases;
import talweg.train.TrainingListener;

/**
 * Writes what an epoch gave to an event file: losses, accuracies, learning rate, gradient norm,
 * throughput, and how weights and gradients are distributed in each parameter. The horizontal axis
 * is the number of optimizer steps.
 */
public final class TensorBoardListener implements TrainingListener, AutoCloseable {
  private final EventWriter events;
  private final Module model;
  private final Function<Parameter, Tensor> gradients;
  private Phases phases;

  /**
   * Writes about a model.
   *
   * @param events is closed with this listener
   * @param gradients the gradient of a parameter in the last step, as {@link
   *     talweg.optim.Optimizer#lastGradient}, or null to leave gradients out
   */
  public TensorBoardListener(
      EventWriter events, Module model, Function<Parameter, Tensor> gradients) {
    this.events = events;
    this.model = model;
    this.gradients = gradients;
  }

  @Override
  public void onPhases(Phases measured) {
    phases = measured;
  }

  @Override
  public void onEpoch(EpochResult r) {
    long step = r.steps();
    evaluation("loss/train", "accuracy/train", step, r.train());
    evaluation("val/loss", "val/accuracy", step, r.validation());
    events.scalar("optimizer/learning_rate", step, r.learningRate());
    events.scalar("optimizer/gradient_norm", step, r.gradientNorm());
    finite("optimizer/mean_gradient_norm", step, r.gradientNormMean());
    finite("optimizer/max_gradient_norm", step, r.gradientNormMax());
    events.scalar("throughput/samples_per_s", step, r.samplesPerSecond());
    if (phases != null) {
      events.scalar("throughput/data_samples_per_s", step, 1 / phases.data());
      events.scalar("throughput/forward_samples_per_s", step, 1 / phases.forward());
      events.scalar("throughput/backward_samples_per_s", step, 1 / phases.backward());
      events.scalar("throughput/optimizer_samples_per_s", step, 1 / phases.optimizer());
    }
    histograms(step);
    events.flush();
  }

  private void finite(String tag, long step, double value) {
    if (Double.isFinite(value)) {
      events.scalar(tag, step, value);
    }
  }

  private void evaluation(String loss, String accuracy, long step, Evaluation e) {
    if (e == null) {
      return;
    }
    events.scalar(loss, step, e.loss());
    if (!Double.isNaN(e.accuracy())) {
      events.scalar(accuracy, step, e.accuracy());
    }
  }

  private void histograms(long step) {
    for (Parameter parameter : model.trainable()) {
      String name = parameter.name();
      events.histogram("weights/" + name, step, parameter.value().toDoubles());
      if (gradients != null) {
        events.histogram("gradients/" + name, step, gradients.apply(parameter).toDoubles());
      }
    }
  }

  @Override
  public void close() {
    events.close();
  }
}
