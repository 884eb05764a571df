package talweg.landscape;

import talweg.plot.Axis;
import talweg.plot.Figure;
import talweg.plot.Layer;
import talweg.plot.Levels;
import talweg.plot.Surface;

/** A function's contour lines with the ways of several optimizers over them. */
public final class FunctionPicture {
  private static final int GRID = 121;
  private static final int LEVELS = 14;
  private static final double DECADES = 4;
  private static final int STEPS = 300;

  private FunctionPicture() {}

  /** Draws {@code function} and the ways of the optimizers that are asked for. */
  public static Figure of(TestFunction function, Request request) {
    Surface surface = Descent.surface(function::at, function.x(), function.y(), GRID);
    int steps = request.stepsOr(STEPS);
    Figure figure =
        new Figure(
                "%s: %,d steps of each optimizer".formatted(function.title(), steps),
                function.formula(),
                Axis.linear("x", function.x()),
                Axis.linear("y", function.y()))
            .add(new Layer.Heights(surface, Levels.logarithmic(surface, LEVELS, DECADES)));
    for (Contestant contestant : request.optimizers()) {
      Trajectory way =
          Descent.run(
                  function::at, function.start(), request.spec(contestant, function.rates()), steps)
              .within(function.x(), function.y());
      figure.add(
          new Layer.Curve(
              contestant.label(), contestant.ordinal(), way.x(), way.y(), Layer.Ends.LAST));
    }
    return figure.add(Marks.start(function.start())).add(Marks.minima(function.minima()));
  }
}
