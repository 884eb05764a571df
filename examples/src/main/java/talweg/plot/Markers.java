package talweg.plot;

import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.List;

/** Shapes of points: a second sign, beside the colour, of which curve is which. */
final class Markers {
  /** A small dot, for data. */
  static final Shape DOT = new Ellipse2D.Double(-3.5, -3.5, 7, 7);

  /** Four ticks around a point, which leave it free. */
  static final Shape TARGET = ticks(7, 13, 1.2);

  private static final List<Shape> SHAPES =
      List.of(
          new Ellipse2D.Double(-5, -5, 10, 10),
          new Rectangle2D.Double(-4.5, -4.5, 9, 9),
          polygon(0, -6, 5.5, 4.5, -5.5, 4.5),
          polygon(0, -6, 6, 0, 0, 6, -6, 0),
          polygon(0, 6, 5.5, -4.5, -5.5, -4.5),
          polygon(
              -2, -5.5, 2, -5.5, 2, -2, 5.5, -2, 5.5, 2, 2, 2, 2, 5.5, -2, 5.5, -2, 2, -5.5, 2,
              -5.5, -2, -2, -2));

  private Markers() {}

  /** The shape that goes with a colour of the palette. */
  static Shape shape(int color) {
    return SHAPES.get(color % SHAPES.size());
  }

  private static Shape ticks(double from, double to, double half) {
    Path2D path = new Path2D.Double();
    for (int quarter = 0; quarter < 4; quarter++) {
      Path2D tick = new Path2D.Double(new Rectangle2D.Double(from, -half, to - from, 2 * half));
      tick.transform(AffineTransform.getQuadrantRotateInstance(quarter));
      path.append(tick, false);
    }
    return path;
  }

  private static Shape polygon(double... xy) {
    Path2D path = new Path2D.Double();
    path.moveTo(xy[0], xy[1]);
    for (int i = 2; i < xy.length; i += 2) {
      path.lineTo(xy[i], xy[i + 1]);
    }
    path.closePath();
    return path;
  }
}
