package talweg.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import talweg.error.DataFormatException;
import talweg.nn.Activation;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.nn.Reduction;
import talweg.nn.Sequential;
import talweg.optim.Clip;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.Schedule;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * Small complete trainings of a multilayer perceptron; regressions go to {@link RegressionRunner}.
 */
final class TrainingRunner implements AreaRunner {
  @Override
  public void run(Field golden, Session session, DType dtype, Comparison comparison) {
    if (golden.has("problem")) {
      new RegressionRunner().run(golden, session, dtype, comparison);
    } else {
      new Training(golden, session, dtype, comparison).run();
    }
  }

  private static final class Training {
    private final Field golden;
    private final Field expected;
    private final Session session;
    private final DType dtype;
    private final Comparison comparison;
    private final Module model;
    private final List<Parameter> parameters;
    private final Optimizer optimizer;
    private final Tensor x;
    private final Tensor y;

    Training(Field golden, Session session, DType dtype, Comparison comparison) {
      this.golden = golden;
      this.expected = golden.get("expected");
      this.session = session;
      this.dtype = dtype;
      this.comparison = comparison;
      this.model = model(golden.get("model")).init(session, dtype, 0);
      this.parameters = model.trainable();
      initialise();
      this.optimizer = spec().bind(model, options());
      this.x = golden.get("data").get("x").tensor(session, dtype);
      this.y = golden.get("data").get("y").tensor(session, dtype);
    }

    void run() {
      List<Field> batches = golden.get("batch_indices").list();
      double[] losses = new double[batches.size()];
      double[] norms = new double[batches.size()];
      for (int step = 0; step < losses.length; step++) {
        try (var _ = session.scope("step " + step)) {
          Tensor rows = session.tensor(batches.get(step).ints(), batches.get(step).ints().length);
          Tensor loss = loss(x.indexSelect(0, rows), y.indexSelect(0, rows));
          loss.backward();
          if (step == 0) {
            compareEach("first_step_gradients", parameters.stream().map(p -> p.value().grad()));
          }
          optimizer.step();
          losses[step] = loss.item();
          norms[step] = optimizer.gradientNorm();
        }
        if (step == 0) {
          compareEach("params_after_first_step", parameters.stream().map(Parameter::value));
        }
      }
      optimizer.requireFinite();
      comparison.scaled("loss", losses, expected.get("loss").reference());
      comparison.scaled(
          "grad_norm_before_clip", norms, expected.get("grad_norm_before_clip").reference());
      compareEach("final_params", parameters.stream().map(Parameter::value));
      compareFullData(expected.get("final_full_data"));
    }

    private void compareEach(String quantity, Stream<Tensor> tensors) {
      List<Tensor> actual = tensors.toList();
      List<Field> fields = expected.get(quantity).list();
      for (int i = 0; i < fields.size(); i++) {
        comparison.tensor(
            quantity + " of " + parameters.get(i).name(), actual.get(i), fields.get(i));
      }
    }

    private void compareFullData(Field full) {
      model.eval();
      try (var _ = session.noGrad()) {
        double mean = loss(x, y).item();
        comparison.scaled("mean_loss", new double[] {mean}, full.get("mean_loss").reference());
        if (dtype == DType.F64 && full.has("correct")) {
          // In F32 a row on the border between two classes may fall to either side.
          int[] predicted = model.forward(x).argmax(1).toInts();
          int[] classes = y.toInts();
          int correct = 0;
          for (int i = 0; i < classes.length; i++) {
            correct += predicted[i] == classes[i] ? 1 : 0;
          }
          comparison.exact(
              "correct", new int[] {correct}, new int[] {full.get("correct").integer()});
        }
      }
    }

    private Tensor loss(Tensor input, Tensor target) {
      String loss = golden.get("model").get("loss").text();
      Tensor output = model.forward(input);
      if (loss.startsWith("cross_entropy mean")) {
        return Losses.crossEntropy(output, target);
      }
      if (loss.startsWith("mse mean")) {
        return Losses.mse(output, target, Reduction.MEAN);
      }
      throw new NotOffered("loss \"" + loss + "\"");
    }

    private static Module model(Field model) {
      int[] layers = model.get("layers").ints();
      String name = model.get("activation").text();
      Activation.Kind activation;
      try {
        activation = Activation.Kind.named(name);
      } catch (IllegalArgumentException e) {
        throw new NotOffered("activation \"" + name + "\"");
      }
      List<Module> modules = new ArrayList<>();
      for (int i = 1; i < layers.length; i++) {
        modules.add(new Linear(layers[i - 1], layers[i]));
        if (i < layers.length - 1) {
          modules.add(new Activation(activation));
        }
      }
      return new Sequential(modules.toArray(Module[]::new));
    }

    /** W1, b1, W2, ... is the order in which the layers declare their parameters. */
    private void initialise() {
      List<Field> initial = golden.get("initial_params").list();
      for (int i = 0; i < parameters.size(); i++) {
        Field values = initial.get(i);
        if (!values.shape().equals(parameters.get(i).shape())) {
          throw new DataFormatException(
              "%s: expected shape %s, found %s"
                  .formatted(values.path(), parameters.get(i).shape(), values.shape()));
        }
        parameters.get(i).value().assign(values.get("data").numbers());
      }
    }

    private OptimizerSpec spec() {
      OptimizerSpec spec =
          OptimizerChoice.of(golden.get("optimizer").text(), golden.get("hyper"), null);
      return golden.has("lr_per_step")
          ? spec.schedule(Schedule.of(golden.get("lr_per_step").numbers()))
          : spec;
    }

    private OptimizerOptions options() {
      if (!golden.has("clip_grad_norm")) {
        return OptimizerOptions.DEFAULT;
      }
      Field clip = golden.get("clip_grad_norm");
      double p = clip.number("norm_type", 2);
      return OptimizerOptions.DEFAULT.clip(new Clip.ByGlobalNorm(clip.get("max_norm").number(), p));
    }
  }
}
