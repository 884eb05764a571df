package talweg.examples;

import talweg.data.Split;
import talweg.data.SplitRule;
import talweg.nn.Activation;
import talweg.nn.Flatten;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizers;
import talweg.session.Session;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;

/** A network that learns to read digits: the shortest way through the library. */
public final class FirstNetwork {
  private FirstNetwork() {}

  public static void main(String[] args) {
    Split digits = EmbeddedDigits.load().split(SplitRule.standard(), 42);
    try (Session session = Session.open("auto")) {
      Module model =
          new Sequential(
                  new Flatten(),
                  new Linear(64, 128),
                  new Activation(Activation.Kind.RELU),
                  new Linear(128, 10))
              .init(session, 42);
      Trainer trainer =
          new Trainer(
              model,
              Objective.crossEntropy(),
              Optimizers.adamW(3e-3),
              TrainerOptions.of(20, 32).seed(42));
      trainer.fit(digits.train(), digits.validation());
      System.out.printf("test accuracy %.3f%n", trainer.evaluate(digits.test()).accuracy());
    }
  }
}
