package talweg.examples;

import talweg.data.Batch;
import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.nn.Activation;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizer;
import talweg.optim.Optimizers;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.Tensor;

/** The loop that a trainer runs, written out: scope, forward, loss, backward, step. */
public final class TrainingLoop {
  private TrainingLoop() {}

  public static void main(String[] args) {
    Dataset digits = EmbeddedDigits.load();
    try (Session session = Session.open("auto")) {
      Module model =
          new Sequential(
                  new Linear(64, 128), new Activation(Activation.Kind.RELU), new Linear(128, 10))
              .init(session, 42);
      Optimizer optimizer = Optimizers.adamW(3e-3).bind(model);
      for (int epoch = 1; epoch <= 5; epoch++) {
        double last = 0;
        for (Batch batch : Batches.of(digits, 32).shuffled(42, epoch)) {
          // Everything computed in here is freed at the brace.
          try (Scope _ = session.scope("step")) {
            Tensor x = session.tensor(batch.x(), batch.size(), 64);
            Tensor classes = session.tensor(batch.labels(), batch.size());
            Tensor loss = Losses.crossEntropy(model.forward(x), classes);
            loss.backward();
            optimizer.step();
            last = loss.item();
          }
        }
        System.out.printf("epoch %d, loss of the last batch %.4f%n", epoch, last);
      }
    }
  }
}
