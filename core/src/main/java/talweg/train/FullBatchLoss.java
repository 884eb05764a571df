package talweg.train;

import talweg.data.Batch;
import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.session.RandomStream;
import talweg.session.Session;
import talweg.solve.Objective.Evaluation;
import talweg.tensor.Tensor;

/**
 * The mean loss over a whole data set as a function of all trained parameters, laid end to end.
 *
 * <p>The vector is on the host in double, whatever the model's element type: a solver's inner
 * products and small differences would lose too much in F32, and its arithmetic is small beside
 * that of the passes over the data.
 */
final class FullBatchLoss {
  /** Examples that pass through the model at once, which bounds the memory for activations. */
  private static final int CHUNK = 1024;

  private final Module model;
  private final Objective objective;
  private final Dataset data;
  private final Feed feed;
  private final Session session;
  private final RandomStream random;

  FullBatchLoss(Module model, Objective objective, Dataset data, Feed feed, RandomStream random) {
    this.model = model;
    this.objective = objective;
    this.data = data;
    this.feed = feed;
    this.session = model.trainable().getFirst().value().session();
    this.random = random;
  }

  /** The parameters' current values. */
  double[] weights() {
    double[] weights = new double[Math.toIntExact(model.parameterCount())];
    int at = 0;
    for (Parameter parameter : model.trainable()) {
      double[] values = parameter.value().toDoubles();
      System.arraycopy(values, 0, weights, at, values.length);
      at += values.length;
    }
    return weights;
  }

  /** Writes values into the parameters, rounded to their element type. */
  void assign(double[] weights) {
    int at = 0;
    for (Parameter parameter : model.trainable()) {
      double[] values = new double[Math.toIntExact(parameter.shape().size())];
      System.arraycopy(weights, at, values, 0, values.length);
      parameter.value().assign(values);
      at += values.length;
    }
  }

  /** Loss and gradient with the given weights, which stay in the model. */
  Evaluation evaluate(double[] weights) {
    assign(weights);
    // Random layers draw the same numbers each time: a line search needs one function.
    random.reset();
    model.train();
    double loss = 0;
    for (Batch batch : Batches.of(data, CHUNK).inOrder()) {
      try (var _ = session.scope("full batch");
          var _ = session.drawFrom(random)) {
        double share = (double) batch.size() / data.size();
        Tensor mean = objective.loss().apply(model.forward(feed.x(batch)), feed.y(batch));
        loss += share * mean.item();
        mean.mul(share).backward();
      }
    }
    return new Evaluation(loss, gradient(weights.length));
  }

  /** Takes the gradients that the backward passes left. */
  private double[] gradient(int length) {
    double[] gradient = new double[length];
    int at = 0;
    for (Parameter parameter : model.trainable()) {
      Tensor part = parameter.value().grad();
      if (part != null) {
        double[] values = part.toDoubles();
        System.arraycopy(values, 0, gradient, at, values.length);
        parameter.value().gradientSlot().clear();
      }
      at += Math.toIntExact(parameter.shape().size());
    }
    return gradient;
  }
}
