package talweg.cpu;

import java.util.ArrayList;
import java.util.List;
import talweg.op.UnaryKind;
import talweg.spi.View;

/**
 * Shares elementwise work among the workers, in chunks of a fixed number of elements. An element's
 * result does not depend on the chunk in which it lies.
 *
 * <p>Large operations are put off, so that a chain of them runs block by block: what one writes,
 * the next finds in the cache. Whoever else reads or writes memory must {@link #flush} first.
 */
final class Elementwise {
  /**
   * Elements of a chunk of cheap work, a few microseconds of it: a hand-over costs about one while
   * the workers are awake, and ten when they must be woken.
   */
  static final int CHUNK = 32 * Blocks.LENGTH;

  /** Elements of a chunk of work that costs several times as much. */
  static final int FUNCTION_CHUNK = 8 * Blocks.LENGTH;

  /** Elements of a block of a chain: those of several arrays fit into the second-level cache. */
  private static final int BLOCK = 4 * Blocks.LENGTH;

  /** Operations of a chain, at most. */
  private static final int LONGEST = 16;

  private final Workers workers;
  private final Workspace[] spaces;
  private final int chunk;
  private final List<Task> chain = new ArrayList<>();

  Elementwise(Workers workers, Workspace[] spaces) {
    this(workers, spaces, CHUNK);
  }

  /** With chains in chunks of another size, and of operations of at least two chunks. */
  Elementwise(Workers workers, Workspace[] spaces, int chunk) {
    this.workers = workers;
    this.spaces = spaces;
    this.chunk = chunk;
  }

  /** An operation that was put off. */
  private record Task(int chunk, Body body, Layout layout, View[] views) {
    void run(Workspace space, long from, long to) {
      Elementwise.run(body, space, layout, from, to, views);
    }
  }

  /** What is done with each run of elements. */
  @FunctionalInterface
  interface Body {
    /** Works on the current run of {@code space.blocks}. */
    void run(Workspace space, Blocks run);
  }

  /** How many elements of a kind make a chunk. */
  static int chunk(UnaryKind kind) {
    return switch (kind) {
      case SQRT, RSQRT, RECIPROCAL, SQUARE, ABS, SIGN, RELU, LEAKY_RELU, CLAMP -> CHUNK;
      case EXP, LOG, POW, SIN, COS, ERF, TANH, SIGMOID, ELU, SILU, GELU, GELU_TANH, SOFTPLUS ->
          FUNCTION_CHUNK;
    };
  }

  /**
   * Runs the body on all elements of views of one shape, the output first, at the next {@link
   * #flush} at the latest.
   */
  void run(int chunk, Body body, View... views) {
    if (!views[0].isContiguous() || views[0].size() < 2L * this.chunk) {
      flush();
      runNow(chunk, body, views);
      return;
    }
    if (!continuesChain(views)) {
      flush();
    }
    chain.add(new Task(chunk, body, layout(views), views));
    if (chain.size() == LONGEST) {
      flush();
    }
  }

  /** Does what was put off. */
  void flush() {
    if (chain.isEmpty()) {
      return;
    }
    Task[] tasks = chain.toArray(Task[]::new);
    chain.clear();
    if (tasks.length == 1) {
      runNow(tasks[0].chunk, tasks[0].body, tasks[0].views);
      return;
    }
    long size = tasks[0].views[0].size();
    workers.run(
        Math.toIntExact((size + chunk - 1) / chunk),
        (i, worker) -> {
          long end = Math.min((i + 1L) * chunk, size);
          for (long from = (long) i * chunk; from < end; from += BLOCK) {
            for (Task task : tasks) {
              task.run(spaces[worker], from, Math.min(from + BLOCK, end));
            }
          }
        });
  }

  /**
   * Whether an operation may run block by block together with those put off: wherever it shares
   * memory with one of them that one of both writes, an element must meet itself only.
   */
  private boolean continuesChain(View... views) {
    for (Task task : chain) {
      if (task.views[0].size() != views[0].size()) {
        return false;
      }
      for (View view : views) {
        if (!isApartOrSame(task.views[0], view)) {
          return false;
        }
      }
      for (View view : task.views) {
        if (!isApartOrSame(views[0], view)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isApartOrSame(View written, View other) {
    return written.buffer() != other.buffer()
        || (written.offset() == other.offset()
            && other.isContiguous()
            && written.size() == other.size());
  }

  private static Layout layout(View... views) {
    return views[0].size() == 0 || areContiguous(views) ? null : Layout.of(views);
  }

  /** As {@link #run}, without putting it off; for work between that flushes around it. */
  void runNow(int chunk, Body body, View... views) {
    long size = views[0].size();
    Layout layout = layout(views);
    if (size < 2L * chunk || workers.count() == 1) {
      run(body, spaces[0], layout, 0, size, views);
      return;
    }
    int chunks = (int) ((size + chunk - 1) / chunk);
    workers.run(
        chunks,
        (i, worker) -> {
          long from = (long) i * chunk;
          run(body, spaces[worker], layout, from, Math.min(from + chunk, size), views);
        });
  }

  private static void run(
      Body body, Workspace space, Layout layout, long from, long to, View... views) {
    Blocks blocks = space.blocks;
    blocks.start(layout, from, to, views);
    while (blocks.next()) {
      body.run(space, blocks);
    }
  }

  private static boolean areContiguous(View... views) {
    for (View view : views) {
      if (!view.isContiguous()) {
        return false;
      }
    }
    return true;
  }
}
