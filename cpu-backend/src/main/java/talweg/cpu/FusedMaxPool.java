package talweg.cpu;

import java.util.HashMap;
import java.util.Map;
import talweg.op.FusedCall.MaxPool;
import talweg.op.FusedCall.MaxPoolBackward;
import talweg.op.Window2d;
import talweg.spi.View;
import talweg.tensor.Size2d;

/** Max pooling; workers share the planes, each one channel of an image. */
final class FusedMaxPool {
  /** Shapes whose places are kept; a network has a few. */
  private static final int MOST_SHAPES = 64;

  private final Workers workers;
  private final Workspace[] spaces;
  private final Map<Shape, WindowPlaces> places = new HashMap<>();

  FusedMaxPool(Workers workers, Workspace[] spaces) {
    this.workers = workers;
    this.spaces = spaces;
  }

  private record Shape(Window2d window, Size2d padding, int height, int width) {}

  private WindowPlaces places(View x, Window2d window, Size2d padding) {
    if (places.size() > MOST_SHAPES) {
      places.clear();
    }
    Shape shape = new Shape(window, padding, x.dims()[2], x.dims()[3]);
    return places.computeIfAbsent(
        shape, s -> WindowPlaces.of(s.window, s.padding, s.height, s.width));
  }

  void run(MaxPool call) {
    View x = call.x();
    View out = call.out();
    WindowPlaces windows = places(x, call.window(), call.padding());
    eachPlane(
        x,
        (plane, space) ->
            space
                .kernels(x)
                .windowMaxima(
                    windows,
                    CpuBuffer.array(x),
                    offset(x, plane),
                    CpuBuffer.array(out),
                    offset(out, plane)));
  }

  void run(MaxPoolBackward call) {
    View x = call.x();
    View y = call.y();
    View g = call.g();
    View dx = call.dx();
    WindowPlaces windows = places(x, call.window(), call.padding());
    eachPlane(
        x,
        (plane, space) -> {
          Moves.clear(dx.dtype(), CpuBuffer.array(dx), offset(dx, plane), planeSize(dx));
          space
              .kernels(x)
              .windowMaximaGradient(
                  windows,
                  CpuBuffer.array(x),
                  offset(x, plane),
                  CpuBuffer.array(y),
                  offset(y, plane),
                  CpuBuffer.array(g),
                  offset(g, plane),
                  CpuBuffer.array(dx),
                  offset(dx, plane));
        });
  }

  /** Work on one plane. */
  private interface Body {
    void run(int plane, Workspace space);
  }

  private void eachPlane(View x, Body body) {
    int planes = x.dims()[0] * x.dims()[1];
    int each = DoubleRows.rowsOfChunk(Elementwise.FUNCTION_CHUNK, planeSize(x));
    workers.run(
        Math.ceilDiv(planes, each),
        (chunk, worker) -> {
          int end = Math.min(planes, (chunk + 1) * each);
          for (int plane = chunk * each; plane < end; plane++) {
            body.run(plane, spaces[worker]);
          }
        });
  }

  private static int planeSize(View view) {
    return view.dims()[2] * view.dims()[3];
  }

  private static int offset(View view, int plane) {
    return CpuBuffer.offset(view) + plane * planeSize(view);
  }
}
