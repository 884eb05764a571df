package talweg.examples;

import talweg.data.Batch;
import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.data.Split;
import talweg.data.SplitRule;
import talweg.nn.Activation;
import talweg.nn.Flatten;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizer;
import talweg.optim.Optimizers;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.Tensor;
import talweg.train.Evaluation;
import talweg.train.Objective;

/** The loop that a trainer runs, written out: scope, forward, loss, backward, step. */
public final class TrainingLoop {
  private TrainingLoop() {}

  public static void main(String[] args) {
    Split digits = EmbeddedDigits.load().split(SplitRule.standard(), 42);
    try (Session session = Session.open("auto")) {
      Module model =
          new Sequential(
                  new Flatten(), // 8x8 pixels to 64 features
                  new Linear(64, 128),
                  new Activation(Activation.Kind.RELU),
                  new Linear(128, 10))
              .init(session, 42);
      Optimizer optimizer = Optimizers.adamW(3e-3).bind(model);
      for (int epoch = 1; epoch <= 5; epoch++) {
        double last = 0;
        for (Batch batch : Batches.of(digits.train(), 32).shuffled(42, epoch)) {
          // Everything computed in here is freed at the brace.
          try (Scope _ = session.scope("step")) {
            Tensor x = session.tensor(batch.x(), batch.size(), 8, 8);
            Tensor classes = session.tensor(batch.labels(), batch.size());
            Tensor loss = Losses.crossEntropy(model.forward(x), classes);
            loss.backward();
            optimizer.step();
            last = loss.item();
          }
        }
        double validation = accuracy(model, digits.validation());
        System.out.printf(
            "epoch %d, loss of the last batch %.4f, validation accuracy %.3f%n",
            epoch, last, validation);
      }
      // The validation part helps to choose; the test part is measured once, at the end.
      System.out.printf("test accuracy %.3f%n", accuracy(model, digits.test()));
    }
  }

  private static double accuracy(Module model, Dataset part) {
    return Evaluation.of(model, Objective.crossEntropy(), part).accuracy();
  }
}
