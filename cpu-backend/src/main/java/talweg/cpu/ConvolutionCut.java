package talweg.cpu;

import talweg.op.Window2d;
import talweg.spi.View;
import talweg.tensor.Size2d;

/**
 * Extents of a convolution, and how its work is cut into blocks that stay in a core's own cache: of
 * several images where they are small, else of some rows of positions of one image. All follows
 * from the shapes, so that the numbers do not depend on who does which block.
 *
 * @param in channels of the images
 * @param out channels of the result
 * @param down positions of the window along the height
 * @param across positions of the window along the width
 */
record ConvolutionCut(
    int batch,
    int in,
    int height,
    int width,
    int out,
    int down,
    int across,
    Window2d window,
    Size2d padding,
    int groups) {
  /** Elements that a block works on: half of the second-level cache of usual processors. */
  private static final int BLOCK = 1 << 16;

  /**
   * Positions of a block, at least: with fewer, most of the time is spent on loading the weight.
   */
  private static final int LEAST_POSITIONS = 256;

  /** Most shares of the backward pass; each has a gradient of the weight of its own. */
  static final int MOST_SHARES = 16;

  /** Elements of all these gradients together, where there are more than a few shares. */
  private static final int MOST_PARTIALS = 1 << 23;

  private static final int FEW_SHARES = 4;

  /** Positions of a block: {@code rows} rows of each of {@code images} images. */
  record Block(int image, int images, int row, int rows) {}

  static ConvolutionCut of(View x, View y, Window2d window, Size2d padding, int groups) {
    int[] from = x.dims();
    int[] to = y.dims();
    return new ConvolutionCut(
        from[0], from[1], from[2], from[3], to[1], to[2], to[3], window, padding, groups);
  }

  /**
   * Whether windows move by one element: then the patches' rows are runs of the padded image, and
   * keep its distance from one row of positions to the next.
   */
  boolean isSliding() {
    return window.stride().height() == 1 && window.stride().width() == 1;
  }

  boolean isPadded() {
    return padding.height() > 0 || padding.width() > 0;
  }

  int paddedWidth() {
    return width + 2 * padding.width();
  }

  /** Distance in a patch row from one row of positions to the next. */
  int pitch() {
    return isSliding() ? paddedWidth() : across;
  }

  /** Columns of the matrix of patches for so many rows of positions of one image. */
  int columns(int rows) {
    return (rows - 1) * pitch() + across;
  }

  /** Rows of an image that so many rows of positions see. */
  int seen(int rows) {
    return (rows - 1) * window.stride().height() + window.span().height();
  }

  /** Rows of the matrix of patches that belong to one group: elements of a window. */
  int inner() {
    return in / groups * window.kernel().height() * window.kernel().width();
  }

  /** Elements of one image. */
  int imageSize() {
    return in * height * width;
  }

  /** Elements of one image's result. */
  int resultSize() {
    return out * down * across;
  }

  /** The result's element that a block begins with. */
  int start(Block block) {
    return block.image() * resultSize() + block.row() * across;
  }

  /** Positions that a block should have. */
  private long wanted() {
    return Math.max(LEAST_POSITIONS, BLOCK / ((long) inner() * groups + out));
  }

  /** Rows of positions of a block. */
  private int bandRows() {
    return Math.clamp(Math.ceilDiv(wanted(), pitch()), 1, down);
  }

  private int bands() {
    return Math.ceilDiv(down, bandRows());
  }

  private int imagesOfBlock() {
    return Math.clamp(wanted() / columns(down), 1, batch);
  }

  /** Blocks of all images. */
  int blocks() {
    return bands() > 1 ? batch * bands() : Math.ceilDiv(batch, imagesOfBlock());
  }

  Block block(int number) {
    if (bands() > 1) {
      int row = number % bands() * bandRows();
      return new Block(number / bands(), 1, row, Math.min(bandRows(), down - row));
    }
    int image = number * imagesOfBlock();
    return new Block(image, Math.min(imagesOfBlock(), batch - image), 0, down);
  }

  /** Shares of the backward pass: whole images, which no two threads may add to. */
  int shares() {
    int units = bands() > 1 ? batch : blocks();
    long weights = (long) out * inner();
    int most = Math.clamp(MOST_PARTIALS / weights, FEW_SHARES, MOST_SHARES);
    return Math.min(units, most);
  }

  /** The first block of a share; that of the one after the last is {@link #blocks}. */
  int firstBlock(int share) {
    int blocksOfUnit = bands() > 1 ? bands() : 1;
    return (int) ((long) blocks() / blocksOfUnit * share / shares()) * blocksOfUnit;
  }
}
