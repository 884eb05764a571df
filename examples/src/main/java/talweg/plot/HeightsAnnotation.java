package talweg.plot;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import org.jfree.chart.annotations.AbstractXYAnnotation;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.PlotRenderingInfo;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.ui.RectangleEdge;

/** Fills what lies below each level, from the highest level down, and draws its outline. */
final class HeightsAnnotation extends AbstractXYAnnotation {
  private static final long serialVersionUID = 1L;

  private final transient Layer.Heights heights;
  private final Palette palette;

  HeightsAnnotation(Layer.Heights heights, Palette palette) {
    this.heights = heights;
    this.palette = palette;
  }

  @Override
  public void draw(
      Graphics2D g,
      XYPlot plot,
      Rectangle2D area,
      ValueAxis xAxis,
      ValueAxis yAxis,
      int rendererIndex,
      PlotRenderingInfo info) {
    double[] levels = heights.levels();
    g.setStroke(new BasicStroke(0.6f));
    for (int i = levels.length - 1; i >= 0; i--) {
      Path2D below = new Path2D.Double(Path2D.WIND_EVEN_ODD);
      for (Contours.Line line : Contours.outlines(heights.surface(), levels[i])) {
        append(below, line.points(), area, xAxis, yAxis);
      }
      g.setPaint(palette.height((double) i / levels.length));
      g.fill(below);
      g.setPaint(palette.contour());
      g.draw(below);
    }
  }

  private static void append(
      Path2D path, List<double[]> points, Rectangle2D area, ValueAxis xAxis, ValueAxis yAxis) {
    boolean first = true;
    for (double[] point : points) {
      double x = xAxis.valueToJava2D(point[0], area, RectangleEdge.BOTTOM);
      double y = yAxis.valueToJava2D(point[1], area, RectangleEdge.LEFT);
      if (first) {
        path.moveTo(x, y);
      } else {
        path.lineTo(x, y);
      }
      first = false;
    }
    path.closePath();
  }
}
