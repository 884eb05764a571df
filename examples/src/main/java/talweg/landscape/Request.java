package talweg.landscape;

import java.util.List;
import talweg.optim.OptimizerSpec;

/**
 * What is asked of a picture.
 *
 * @param optimizers whose ways are drawn
 * @param steps of each, or 0 for as many as suit the picture
 * @param learningRate of each, or 0 for the one that suits the function
 */
public record Request(List<Contestant> optimizers, int steps, double learningRate) {
  /** All optimizers with rates and steps that suit the picture. */
  public static final Request DEFAULT = new Request(List.of(Contestant.values()), 0, 0);

  public Request {
    optimizers = List.copyOf(optimizers);
  }

  int stepsOr(int otherwise) {
    return steps > 0 ? steps : otherwise;
  }

  OptimizerSpec spec(Contestant contestant, TestFunction.Rates rates) {
    return learningRate > 0 ? contestant.spec(learningRate) : contestant.spec(rates);
  }
}
