package talweg.examples;

import talweg.data.Split;
import talweg.data.SplitRule;
import talweg.nn.Activation;
import talweg.nn.Conv2d;
import talweg.nn.Flatten;
import talweg.nn.Linear;
import talweg.nn.MaxPool2d;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.nn.Unflatten;
import talweg.optim.Optimizers;
import talweg.session.Session;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;

/** A small convolutional network that learns to read digits. */
public final class ConvolutionalNetwork {
  private ConvolutionalNetwork() {}

  public static void main(String[] args) {
    Split digits = EmbeddedDigits.load().split(SplitRule.standard(), 42);
    try (Session session = Session.open("auto")) {
      Module model =
          new Sequential(
                  new Unflatten(1, 8, 8), // one channel of 8x8 pixels
                  new Conv2d(1, 16, 3, 1, 1), // 16 channels; padding 1 keeps the size
                  new Activation(Activation.Kind.RELU),
                  new MaxPool2d(2), // 4x4
                  new Conv2d(16, 32, 3, 1, 1),
                  new Activation(Activation.Kind.RELU),
                  new MaxPool2d(2), // 2x2
                  new Flatten(),
                  new Linear(32 * 2 * 2, 10))
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
