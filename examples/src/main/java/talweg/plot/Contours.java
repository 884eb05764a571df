package talweg.plot;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Contour lines by marching squares (Lorensen and Cline 1987, in the plane): each cell of the grid
 * is cut by straight pieces between points found on its edges by linear interpolation, and the
 * pieces are joined into lines.
 */
public final class Contours {
  /**
   * One line.
   *
   * @param points {x, y} one after the other; the first is the last again if the line is closed
   */
  public record Line(List<double[]> points) {
    /** Whether the line ends where it begins. */
    public boolean isClosed() {
      return points.size() > 2 && points.getFirst() == points.getLast();
    }
  }

  /** An edge of the grid: from (row, column) upwards or to the right. */
  private record Edge(int row, int column, boolean upwards) {}

  private final Surface surface;
  private final double level;
  private final Map<Edge, double[]> crossings = new HashMap<>();

  /** For every crossing the one or two others that it is joined to. */
  private final Map<Edge, List<Edge>> pieces = new LinkedHashMap<>();

  private Contours(Surface surface, double level) {
    this.surface = surface;
    this.level = level;
  }

  /** The lines along which the surface has the given height; they end at its border. */
  public static List<Line> lines(Surface surface, double level) {
    Contours contours = new Contours(surface, level);
    contours.march();
    return contours.join();
  }

  /**
   * The outlines of the part of the surface that is lower than {@code level}: all are closed, along
   * the border where need be, so that they can be filled by the even-odd rule.
   */
  public static List<Line> outlines(Surface surface, double level) {
    return lines(walled(surface), level);
  }

  /** The surface with a wall around it: cells of no width that rise to infinity. */
  private static Surface walled(Surface s) {
    double[] x = doubledEnds(s.x());
    double[] y = doubledEnds(s.y());
    double[][] values = new double[y.length][x.length];
    for (int r = 0; r < y.length; r++) {
      for (int c = 0; c < x.length; c++) {
        boolean wall = r == 0 || c == 0 || r == y.length - 1 || c == x.length - 1;
        values[r][c] = wall ? Double.POSITIVE_INFINITY : s.values()[r - 1][c - 1];
      }
    }
    return new Surface(x, y, values);
  }

  private static double[] doubledEnds(double[] a) {
    double[] result = new double[a.length + 2];
    System.arraycopy(a, 0, result, 1, a.length);
    result[0] = a[0];
    result[a.length + 1] = a[a.length - 1];
    return result;
  }

  private void march() {
    for (int r = 0; r + 1 < surface.y().length; r++) {
      for (int c = 0; c + 1 < surface.x().length; c++) {
        cell(r, c);
      }
    }
  }

  private void cell(int r, int c) {
    List<Edge> cut = new ArrayList<>(4);
    // Counter-clockwise, from the bottom.
    for (Edge edge :
        List.of(
            new Edge(r, c, false),
            new Edge(r, c + 1, true),
            new Edge(r + 1, c, false),
            new Edge(r, c, true))) {
      if (isCut(edge)) {
        cut.add(edge);
      }
    }
    if (cut.size() == 2) {
      connect(cut.get(0), cut.get(1));
    } else if (cut.size() == 4) {
      // A saddle: the mean of the corners tells which two corners the middle belongs to.
      boolean lowMiddle = middle(r, c) < level;
      boolean lowCorner = isLow(r, c);
      if (lowMiddle == lowCorner) {
        connect(cut.get(0), cut.get(1));
        connect(cut.get(2), cut.get(3));
      } else {
        connect(cut.get(3), cut.get(0));
        connect(cut.get(1), cut.get(2));
      }
    }
  }

  private double middle(int r, int c) {
    double[][] v = surface.values();
    return (v[r][c] + v[r][c + 1] + v[r + 1][c] + v[r + 1][c + 1]) / 4;
  }

  private boolean isLow(int r, int c) {
    // NaN counts as high: nothing is drawn around it.
    return surface.values()[r][c] < level;
  }

  private boolean isCut(Edge edge) {
    return isLow(edge.row, edge.column) != isLow(endRow(edge), endColumn(edge));
  }

  private static int endRow(Edge edge) {
    return edge.row + (edge.upwards ? 1 : 0);
  }

  private static int endColumn(Edge edge) {
    return edge.column + (edge.upwards ? 0 : 1);
  }

  private void connect(Edge a, Edge b) {
    pieces.computeIfAbsent(a, _ -> new ArrayList<>(2)).add(b);
    pieces.computeIfAbsent(b, _ -> new ArrayList<>(2)).add(a);
    crossings.computeIfAbsent(a, this::crossing);
    crossings.computeIfAbsent(b, this::crossing);
  }

  private double[] crossing(Edge edge) {
    double from = surface.values()[edge.row][edge.column];
    double to = surface.values()[endRow(edge)][endColumn(edge)];
    double share =
        Double.isFinite(from) && Double.isFinite(to) ? (level - from) / (to - from) : 0.5;
    double x = surface.x()[edge.column];
    double y = surface.y()[edge.row];
    return new double[] {
      x + share * (surface.x()[endColumn(edge)] - x), y + share * (surface.y()[endRow(edge)] - y)
    };
  }

  private List<Line> join() {
    List<Line> lines = new ArrayList<>();
    while (!pieces.isEmpty()) {
      Edge start = pieces.keySet().iterator().next();
      Deque<double[]> points = new ArrayDeque<>();
      points.add(crossings.get(start));
      boolean closed = false;
      for (Edge at = take(start); at != null && !closed; ) {
        points.addLast(crossings.get(at));
        closed = at.equals(start);
        at = closed ? null : take(at);
      }
      // An open line may have been entered in its middle: go the other way, too.
      for (Edge at = closed ? null : take(start); at != null; at = take(at)) {
        points.addFirst(crossings.get(at));
      }
      lines.add(new Line(List.copyOf(points)));
    }
    return lines;
  }

  /** Follows one piece away from {@code edge} and forgets it; null at an end. */
  private Edge take(Edge edge) {
    List<Edge> next = pieces.get(edge);
    if (next == null) {
      return null;
    }
    Edge to = next.removeFirst();
    if (next.isEmpty()) {
      pieces.remove(edge);
    }
    List<Edge> back = pieces.get(to);
    back.remove(edge);
    if (back.isEmpty()) {
      pieces.remove(to);
    }
    return to;
  }
}
