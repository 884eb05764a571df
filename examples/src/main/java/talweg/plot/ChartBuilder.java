package talweg.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Line2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.DefaultXYDataset;

/** Turns a {@link Figure} into JFreeChart's terms. */
final class ChartBuilder {
  private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 16);

  private static final double SMALL = 0.01;

  private final Figure figure;
  private final Palette palette;

  ChartBuilder(Figure figure, Palette palette) {
    this.figure = figure;
    this.palette = palette;
  }

  JFreeChart chart() {
    XYPlot plot = plot();
    for (Layer layer : figure.layers()) {
      add(plot, layer);
    }
    JFreeChart chart = new JFreeChart(null, TITLE, plot, false);
    chart.setBackgroundPaint(palette.background());
    chart.setPadding(new RectangleInsets(12, 12, 12, 20));
    chart.setTitle(heading(figure.title(), TITLE, palette.ink()));
    if (!figure.subtitle().isEmpty()) {
      chart.addSubtitle(heading(figure.subtitle(), TEXT, palette.muted()));
    }
    if (plot.getLegendItems().getItemCount() > 0) {
      chart.addLegend(legend(plot));
    }
    return chart;
  }

  private static TextTitle heading(String text, Font font, Color color) {
    TextTitle title = new TextTitle(text, font);
    title.setPaint(color);
    title.setHorizontalAlignment(HorizontalAlignment.LEFT);
    title.setPosition(RectangleEdge.TOP);
    title.setPadding(0, 0, 7, 0);
    return title;
  }

  private LegendTitle legend(XYPlot plot) {
    LegendTitle legend = new LegendTitle(plot);
    legend.setPosition(RectangleEdge.BOTTOM);
    legend.setItemFont(TEXT.deriveFont(12f));
    legend.setItemPaint(palette.ink());
    legend.setFrame(BlockBorder.NONE);
    legend.setLegendItemGraphicPadding(new RectangleInsets(2, 8, 2, 4));
    legend.setPadding(8, 0, 0, 0);
    return legend;
  }

  private XYPlot plot() {
    // The first renderer draws what is not a series: contours and notes hang on it.
    XYPlot plot =
        new XYPlot(
            new DefaultXYDataset(),
            spaced(axis(figure.x())),
            axis(figure.y()),
            new XYLineAndShapeRenderer());
    boolean heights = figure.layers().stream().anyMatch(l -> l instanceof Layer.Heights);
    plot.setDatasetRenderingOrder(DatasetRenderingOrder.FORWARD);
    plot.setBackgroundPaint(palette.background());
    plot.setOutlinePaint(palette.muted());
    plot.setAxisOffset(RectangleInsets.ZERO_INSETS);
    plot.setInsets(RectangleInsets.ZERO_INSETS);
    plot.setDomainGridlinesVisible(!heights);
    plot.setRangeGridlinesVisible(!heights);
    plot.setDomainGridlinePaint(palette.grid());
    plot.setRangeGridlinePaint(palette.grid());
    plot.setDomainGridlineStroke(new BasicStroke(1));
    plot.setRangeGridlineStroke(new BasicStroke(1));
    return plot;
  }

  /** Room between the numbers: fewer of them are easier to read. */
  private static ValueAxis spaced(ValueAxis axis) {
    axis.setTickLabelInsets(new RectangleInsets(3, 12, 3, 12));
    return axis;
  }

  private ValueAxis axis(Axis description) {
    ValueAxis axis =
        description.scale() == Axis.Scale.LOGARITHMIC
            ? logarithmic(description)
            : linear(description);
    axis.setRange(description.range().low(), description.range().high());
    axis.setLabelFont(TEXT);
    axis.setLabelPaint(palette.ink());
    axis.setTickLabelFont(TEXT);
    axis.setTickLabelPaint(palette.muted());
    axis.setAxisLineVisible(false);
    axis.setTickMarkPaint(palette.muted());
    axis.setMinorTickMarksVisible(false);
    return axis;
  }

  private static ValueAxis linear(Axis description) {
    NumberAxis axis = new NumberAxis(description.label());
    axis.setAutoRangeIncludesZero(false);
    boolean whole = description.scale() == Axis.Scale.WHOLE;
    axis.setStandardTickUnits(
        whole
            ? NumberAxis.createIntegerTickUnits(Locale.ROOT)
            : NumberAxis.createStandardTickUnits(Locale.ROOT));
    if (!whole && Math.abs(description.range().high()) < SMALL) {
      // The standard formats have three places, which makes small numbers equal.
      axis.setNumberFormatOverride(decimal("0.#########"));
    }
    return axis;
  }

  private static ValueAxis logarithmic(Axis description) {
    Range range = description.range();
    LogAxis axis = new LogAxis(description.label());
    double decades = Math.log10(range.high() / range.low());
    axis.setTickUnit(new NumberTickUnit(Math.max(1, Math.ceil(decades / 9))));
    axis.setNumberFormatOverride(new Powers(range.low() >= 1e-4 && range.high() <= 1e5));
    return axis;
  }

  private static DecimalFormat decimal(String pattern) {
    return new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT));
  }

  private void add(XYPlot plot, Layer layer) {
    switch (layer) {
      case Layer.Heights heights ->
          plot.getRenderer(0)
              .addAnnotation(
                  new HeightsAnnotation(heights, palette), org.jfree.chart.ui.Layer.BACKGROUND);
      case Layer.Sign sign -> plot.getRenderer(0).addAnnotation(text(sign));
      case Layer.Note note -> plot.getRenderer(0).addAnnotation(text(note));
      case Layer.Points points -> addPoints(plot, points);
      case Layer.Targets targets -> addTargets(plot, targets);
      case Layer.Curve curve -> addCurve(plot, curve);
    }
  }

  private XYTextAnnotation text(Layer.Note note) {
    XYTextAnnotation text = new XYTextAnnotation("  " + note.text(), note.x(), note.y());
    text.setFont(TEXT);
    text.setPaint(palette.ink());
    text.setTextAnchor(TextAnchor.CENTER_LEFT);
    return text;
  }

  private XYTextAnnotation text(Layer.Sign sign) {
    XYTextAnnotation text = new XYTextAnnotation(sign.text(), sign.x(), sign.y());
    text.setFont(TEXT.deriveFont(Font.BOLD));
    text.setPaint(palette.line(sign.color()));
    text.setTextAnchor(TextAnchor.CENTER);
    return text;
  }

  private void addPoints(XYPlot plot, Layer.Points points) {
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(false, true);
    renderer.setSeriesPaint(0, points.color() < 0 ? palette.ink() : palette.line(points.color()));
    renderer.setSeriesShape(0, points.color() < 0 ? Markers.DOT : Markers.shape(points.color()));
    renderer.setUseOutlinePaint(true);
    renderer.setSeriesOutlinePaint(0, palette.background());
    renderer.setSeriesVisibleInLegend(0, !points.label().isEmpty());
    add(plot, points.label(), points.x(), points.y(), renderer);
  }

  private void addTargets(XYPlot plot, Layer.Targets targets) {
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(false, true);
    renderer.setSeriesPaint(0, palette.ink());
    renderer.setSeriesShape(0, Markers.TARGET);
    renderer.setUseOutlinePaint(true);
    renderer.setSeriesOutlinePaint(0, palette.background());
    renderer.setSeriesOutlineStroke(0, new BasicStroke(0.6f));
    renderer.setSeriesVisibleInLegend(0, !targets.label().isEmpty());
    add(plot, targets.label(), targets.x(), targets.y(), renderer);
  }

  private void addCurve(XYPlot plot, Layer.Curve curve) {
    boolean dashed = curve.ends() == Layer.Ends.DASHED;
    if (!dashed) {
      // A rim in the background's colour keeps crossing lines apart.
      XYLineAndShapeRenderer rim = new XYLineAndShapeRenderer(true, false);
      style(rim, palette.background(), round(4));
      rim.setSeriesVisibleInLegend(0, false);
      add(plot, curve.label(), curve.x(), curve.y(), rim);
    }
    CurveRenderer renderer = new CurveRenderer(curve);
    style(renderer, palette.line(curve.color()), dashed ? dashes() : round(2));
    renderer.setSeriesShape(0, Markers.shape(curve.color()));
    renderer.setUseOutlinePaint(true);
    renderer.setSeriesOutlinePaint(0, palette.background());
    renderer.setSeriesVisibleInLegend(0, !curve.label().isEmpty());
    renderer.setLegendLine(new Line2D.Double(-12, 0, 12, 0));
    add(plot, curve.label(), curve.x(), curve.y(), renderer);
  }

  private static void style(XYLineAndShapeRenderer renderer, Color color, BasicStroke stroke) {
    renderer.setDrawSeriesLineAsPath(true);
    renderer.setSeriesPaint(0, color);
    renderer.setSeriesStroke(0, stroke);
  }

  private static BasicStroke round(float width) {
    return new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
  }

  private static BasicStroke dashes() {
    return new BasicStroke(
        1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {5, 4}, 0);
  }

  private static void add(
      XYPlot plot, String label, double[] x, double[] y, XYLineAndShapeRenderer renderer) {
    DefaultXYDataset data = new DefaultXYDataset();
    data.addSeries(label, new double[][] {x.clone(), y.clone()});
    int index = plot.getDatasetCount();
    plot.setDataset(index, data);
    plot.setRenderer(index, renderer);
  }

  /** Shows a shape at the last point only. */
  private static final class CurveRenderer extends XYLineAndShapeRenderer {
    private static final long serialVersionUID = 1L;

    private final int last;
    private final boolean marked;

    CurveRenderer(Layer.Curve curve) {
      super(true, true);
      this.last = curve.x().length - 1;
      this.marked = curve.ends() == Layer.Ends.LAST;
    }

    @Override
    public boolean getItemShapeVisible(int series, int item) {
      return marked && item == last;
    }

    @Override
    public LegendItem getLegendItem(int dataset, int series) {
      LegendItem item = super.getLegendItem(dataset, series);
      if (item != null) {
        item.setShapeVisible(marked);
      }
      return item;
    }
  }
}
