package talweg.tensorboard;

import java.util.List;
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
 *
 * <p>Of a long training not every epoch is written: about a thousand points of each curve, as many
 * as TensorBoard shows, and some dozens of histograms.
 */
public final class TensorBoardListener implements TrainingListener, AutoCloseable {
  private final EventWriter events;
  private final Module model;
  private static final int POINTS = 1000;
  private static final int HISTOGRAMS = 40;

  private final Function<Parameter, Tensor> gradients;
  private final Thinning curves;
  private final Thinning histograms;
  private Phases phases;

  /**
   * Writes about a model that is trained for an unknown number of epochs.
   *
   * @param events is closed with this listener
   * @param gradients the gradient of a parameter in the last step, as {@link
   *     talweg.optim.Optimizer#lastGradient}, or null to leave gradients out
   */
  public TensorBoardListener(
      EventWriter events, Module model, Function<Parameter, Tensor> gradients) {
    this(events, model, gradients, 0);
  }

  /**
   * Writes about a model, of so many epochs that all of the training is shown evenly.
   *
   * @param epochs of the whole training, or 0 if that is not known
   */
  public TensorBoardListener(
      EventWriter events, Module model, Function<Parameter, Tensor> gradients, int epochs) {
    this.events = events;
    this.model = model;
    this.gradients = gradients;
    this.curves = new Thinning(epochs, POINTS);
    this.histograms = new Thinning(epochs, HISTOGRAMS);
  }

  @Override
  public void onResume(List<EpochResult> before) {
    events.goOnAfter(before.isEmpty() ? 0 : before.getLast().steps());
  }

  @Override
  public void onPhases(Phases measured) {
    phases = measured;
  }

  @Override
  public void onEpoch(EpochResult r) {
    if (curves.takes(r.epoch())) {
      curves(r, r.steps());
    }
    if (histograms.takes(r.epoch())) {
      histograms(r.steps());
    }
    events.flush();
  }

  private void curves(EpochResult r, long step) {
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
