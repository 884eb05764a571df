package talweg.cpu;

import java.util.Arrays;
import talweg.op.FusedCall.Segment;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * Shares the elements of all segments with a gradient among the workers, whether they are in one
 * segment or in a thousand.
 */
final class SegmentLoop {
  /** Flat buffers of an update, at most. */
  private static final int MAX_BUFFERS = 5;

  private final Workers workers;
  private final Scratch[] scratch;
  private long[] table = new long[0];
  private SegmentChunks chunks = new SegmentChunks(Elementwise.CHUNK);

  SegmentLoop(Workers workers) {
    this.workers = workers;
    this.scratch = new Scratch[workers.count()];
    Arrays.setAll(scratch, i -> new Scratch(MAX_BUFFERS));
  }

  /**
   * Takes {@code from..to} of arrays that are indexed alike: a piece of a segment, or a part of it.
   */
  @FunctionalInterface
  interface Body {
    void run(int piece, int segment, Object[] arrays, int from, int to);
  }

  /** The pieces of the segments with a gradient; made anew only when the table has changed. */
  SegmentChunks chunks(View segments) {
    assert segments.isContiguous() : segments;
    long[] array = (long[]) CpuBuffer.array(segments);
    int from = CpuBuffer.offset(segments);
    int to = from + (int) segments.size();
    if (!Arrays.equals(array, from, to, table, 0, table.length)) {
      table = Arrays.copyOfRange(array, from, to);
      chunks = new SegmentChunks(Elementwise.CHUNK);
      for (int s = 0; s < Tables.segments(segments); s++) {
        if (Tables.hasGradient(segments, s)) {
          int offset = Tables.column(segments, s, Segment.OFFSET);
          chunks.add(s, offset, Tables.column(segments, s, Segment.LENGTH));
        }
      }
    }
    return chunks;
  }

  /**
   * Runs on the pieces of flat buffers, which may be null.
   *
   * @param written whether a flat buffer may be changed
   */
  void run(View segments, View[] flat, boolean[] written, Body body) {
    SegmentChunks pieces = chunks(segments);
    Object[] arrays = new Object[flat.length];
    boolean aligned = true;
    for (int k = 0; k < flat.length; k++) {
      if (flat[k] != null) {
        arrays[k] = CpuBuffer.array(flat[k]);
        aligned &= flat[k].offset() == flat[0].offset();
      }
    }
    int base = CpuBuffer.offset(flat[0]);
    boolean direct = aligned;
    workers.run(
        pieces.count(),
        (chunk, worker) ->
            pieces.forEach(
                chunk,
                (piece, segment, from, to) -> {
                  if (direct) {
                    body.run(piece, segment, arrays, base + from, base + to);
                  } else {
                    inBlocks(scratch[worker], piece, segment, from, to, flat, written, body);
                  }
                }));
  }

  /**
   * Bodies index all buffers alike: buffers that begin at different offsets go through scratch
   * memory.
   */
  private static void inBlocks(
      Scratch scratch,
      int piece,
      int segment,
      int from,
      int to,
      View[] flat,
      boolean[] written,
      Body body) {
    DType dtype = flat[0].dtype();
    Object[] blocks = new Object[flat.length];
    for (int start = from; start < to; start += Blocks.LENGTH) {
      int n = Math.min(Blocks.LENGTH, to - start);
      for (int k = 0; k < flat.length; k++) {
        if (flat[k] != null) {
          blocks[k] = scratch.array(dtype, k, Blocks.LENGTH);
          int at = CpuBuffer.offset(flat[k]) + start;
          System.arraycopy(CpuBuffer.array(flat[k]), at, blocks[k], 0, n);
        }
      }
      body.run(piece, segment, blocks, 0, n);
      for (int k = 0; k < flat.length; k++) {
        if (flat[k] != null && written[k]) {
          int at = CpuBuffer.offset(flat[k]) + start;
          System.arraycopy(blocks[k], 0, CpuBuffer.array(flat[k]), at, n);
        }
      }
    }
  }
}
