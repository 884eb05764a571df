package talweg.cpu;

import java.util.Arrays;

/**
 * Segments of flat buffers, cut and put together to chunks of about one size: a long segment fills
 * several, many short ones share one.
 */
final class SegmentChunks {
  private final int grain;
  private int[] pieces = new int[3 * 16];
  private int[] starts = new int[16];
  private int length;
  private int count;
  private int left;

  /**
   * Begins without segments.
   *
   * @param grain elements of a chunk
   */
  SegmentChunks(int grain) {
    this.grain = grain;
  }

  /** Part of a segment. */
  @FunctionalInterface
  interface Piece {
    /** Takes piece number {@code piece}: the elements {@code from..to} of the flat buffers. */
    void run(int piece, int segment, int from, int to);
  }

  /** Appends a segment. */
  void add(int segment, int offset, int size) {
    for (int from = offset; from < offset + size; ) {
      if (left == 0) {
        begin();
      }
      int n = Math.min(left, offset + size - from);
      if (length + 3 > pieces.length) {
        pieces = Arrays.copyOf(pieces, 2 * pieces.length);
      }
      pieces[length++] = segment;
      pieces[length++] = from;
      pieces[length++] = from + n;
      from += n;
      left -= n;
    }
  }

  private void begin() {
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * starts.length);
    }
    starts[count++] = length;
    left = grain;
  }

  int count() {
    return count;
  }

  /** Number of pieces in all chunks. */
  int pieces() {
    return length / 3;
  }

  /** The segment that a piece belongs to. */
  int segment(int piece) {
    return pieces[3 * piece];
  }

  /** Visits a chunk's pieces in order. */
  void forEach(int chunk, Piece piece) {
    int end = chunk + 1 < count ? starts[chunk + 1] : length;
    for (int i = starts[chunk]; i < end; i += 3) {
      piece.run(i / 3, pieces[i], pieces[i + 1], pieces[i + 2]);
    }
  }
}
