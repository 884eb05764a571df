package talweg.cpu;

import talweg.op.BinaryKind;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Size2d;

/**
 * The windows of a block of images as a matrix with a row for each element of a window and a column
 * for each position (im2col), and back: the sum of what lies at each element of the images
 * (col2im). Where windows move by one element, rows of positions keep the padded image's distance,
 * so that a row of the matrix is one run of the image; the columns between are of no position.
 */
final class Patches {
  private final ConvolutionCut cut;
  private final ConvolutionCut.Block block;
  private final Workspace space;
  private final Kernels<Object> kernels;
  private final DType dtype;
  private final int columns;

  Patches(ConvolutionCut cut, ConvolutionCut.Block block, Workspace space, View x) {
    this.cut = cut;
    this.block = block;
    this.space = space;
    this.kernels = space.kernels(x);
    this.dtype = x.dtype();
    this.columns = cut.columns(block.rows());
  }

  /** Columns of the whole block. */
  int columns() {
    return block.images() * columns;
  }

  /** The columns of one of the block's images begin here. */
  int column(int image) {
    return image * columns;
  }

  /** The rows of one group, with undefined content at first. */
  Matrix ofGroup(int group) {
    int width = columns();
    int rows = cut.inner() * cut.groups();
    Object array = space.scratch.array(dtype, Workspace.PATCHES, rows * width);
    return new Matrix(array, group * cut.inner() * width, cut.inner(), width, width, 1);
  }

  /** An image, or a padded copy of the part that the block sees. */
  private record Image(Object array, int offset, int plane, int line) {}

  /** What is done with the run of image elements that belongs to a run of a matrix row. */
  private interface Run {
    void move(int image, int imageStride, int column, int n);
  }

  /** Fills the matrix from x. */
  void load(View x) {
    Object matrix = ofGroup(0).array();
    for (int i = 0; i < block.images(); i++) {
      Image image = cut.isPadded() ? paddedCopy(x, i) : image(x, i);
      eachRun(
          image,
          i,
          (at, stride, to, n) -> Moves.copy(dtype, image.array, at, stride, matrix, to, 1, n));
    }
  }

  /** Adds the matrix's elements to where they come from in dx. */
  void addTo(View dx) {
    Object matrix = ofGroup(0).array();
    for (int i = 0; i < block.images(); i++) {
      Image image = cut.isPadded() ? emptyCopy() : image(dx, i);
      eachRun(
          image,
          i,
          (at, stride, from, n) -> kernels.add(matrix, from, 1, image.array, at, stride, n));
      if (cut.isPadded()) {
        addInterior(image, dx, i);
      }
    }
  }

  private void eachRun(Image image, int i, Run run) {
    Size2d kernel = cut.window().kernel();
    Size2d dilation = cut.window().dilation();
    Size2d stride = cut.window().stride();
    int width = columns();
    int to = column(i);
    for (int channel = 0; channel < cut.in(); channel++) {
      for (int row = 0; row < kernel.height(); row++) {
        for (int column = 0; column < kernel.width(); column++, to += width) {
          int at =
              image.offset
                  + channel * image.plane
                  + row * dilation.height() * image.line
                  + column * dilation.width();
          if (cut.isSliding()) {
            run.move(at, 1, to, columns);
          } else {
            for (int y = 0; y < block.rows(); y++) {
              int line = at + y * stride.height() * image.line;
              run.move(line, stride.width(), to + y * cut.across(), cut.across());
            }
          }
        }
      }
    }
  }

  private Image image(View x, int i) {
    int row = block.row() * cut.window().stride().height();
    int at = CpuBuffer.offset(x) + (block.image() + i) * cut.imageSize() + row * cut.width();
    return new Image(CpuBuffer.array(x), at, cut.height() * cut.width(), cut.width());
  }

  /** An image of zeros, as large as the part of a padded image that the block sees. */
  private Image emptyCopy() {
    int line = cut.paddedWidth();
    int plane = cut.seen(block.rows()) * line;
    Object array = space.scratch.array(dtype, Workspace.IMAGE, cut.in() * plane);
    Moves.clear(dtype, array, 0, cut.in() * plane);
    return new Image(array, 0, plane, line);
  }

  private Image paddedCopy(View x, int i) {
    Image copy = emptyCopy();
    eachLine(
        x, i, copy, (at, _, to, n) -> System.arraycopy(CpuBuffer.array(x), at, copy.array, to, n));
    return copy;
  }

  private void addInterior(Image image, View dx, int i) {
    Object target = CpuBuffer.array(dx);
    eachLine(
        dx,
        i,
        image,
        (at, _, from, n) ->
            kernels.binary(BinaryKind.ADD, target, at, image.array, from, target, at, n));
  }

  /** The lines of an image that the block sees, and where they lie in its padded copy. */
  private void eachLine(View x, int i, Image copy, Run run) {
    int top = block.row() * cut.window().stride().height() - cut.padding().height();
    int first = Math.max(0, top);
    int end = Math.min(cut.height(), top + cut.seen(block.rows()));
    int image = CpuBuffer.offset(x) + (block.image() + i) * cut.imageSize();
    for (int channel = 0; channel < cut.in(); channel++) {
      int plane = channel * copy.plane + cut.padding().width();
      for (int row = first; row < end; row++) {
        int at = image + (channel * cut.height() + row) * cut.width();
        run.move(at, 1, plane + (row - top) * copy.line, cut.width());
      }
    }
  }
}
