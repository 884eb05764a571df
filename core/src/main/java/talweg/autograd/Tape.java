package talweg.autograd;

import java.util.ArrayList;
import java.util.List;
import talweg.error.DTypeException;
import talweg.error.ShapeException;
import talweg.error.TalwegException;
import talweg.op.Op;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.Tensor;

/**
 * The record of operations that gradients are computed from. It only grows at its end, so its order
 * is a topological order and the backward pass is one loop in reverse. Closing a scope drops what
 * was recorded inside it.
 */
public final class Tape {
  private record Entry(Op op, Tensor[] inputs, Tensor output) {}

  private final Session session;
  private final List<Entry> entries = new ArrayList<>();

  /** Called by the session. */
  public Tape(Session session) {
    this.session = session;
  }

  /** Number of entries, the slot of the next one. */
  public int size() {
    session.requireOpen();
    return entries.size();
  }

  /** Appends an operation; its output carries the entry's position as its slot. */
  public void record(Op op, Tensor[] inputs, Tensor output) {
    session.requireOpen();
    assert output.slot() == entries.size() : output.slot() + " at " + entries.size();
    entries.add(new Entry(op, inputs, output));
  }

  /** Drops all entries from position {@code size} on. */
  public void truncate(int size) {
    session.requireOpen();
    if (size < entries.size()) {
      entries.subList(size, entries.size()).clear();
    }
  }

  /** See {@link Tensor#backward(Tensor)}; a null upstream stands for 1 and needs a scalar. */
  public void backward(Tensor output, Tensor upstream) {
    session.requireOpen();
    walk(output, upstream, new GradientSink.IntoLeaves(), 0, false, false);
  }

  /**
   * Goes from {@code output} to the leaves.
   *
   * @param floor slot at which to stop: what was recorded before it is left alone
   * @param retain keep the entries, so that the same graph can be walked again
   * @param createGraph record the gradient's own computation, so that it can be differentiated;
   *     implies retain
   */
  void walk(
      Tensor output,
      Tensor upstream,
      GradientSink sink,
      int floor,
      boolean retain,
      boolean createGraph) {
    requireReachable(output);
    Tensor seed = upstream == null ? one(output, sink) : checked(output, upstream);
    if (createGraph) {
      try (var _ = session.recording(true)) {
        reverse(output, seed, sink, floor, true);
      }
      return;
    }
    try (var _ = session.noGrad();
        Scope scope = session.scope("backward")) {
      sink.ownedBy(scope);
      reverse(output, seed, sink, floor, retain);
      sink.finish();
    }
    dropConsumedTail();
  }

  private void reverse(Tensor output, Tensor seed, GradientSink sink, int floor, boolean retain) {
    sink.start(this, output.slot() + 1);
    sink.seed(output, seed);
    for (int slot = output.slot(); slot >= floor; slot--) {
      Tensor gradient = sink.pending(slot);
      if (gradient == null) {
        continue;
      }
      Entry entry = entries.get(slot);
      sink.enter(entry.inputs);
      if (sink.isScoped()) {
        try (var _ = session.scope("rule")) {
          GradRules.apply(entry.op, entry.inputs, entry.output, gradient, sink);
        }
      } else {
        GradRules.apply(entry.op, entry.inputs, entry.output, gradient, sink);
      }
      sink.done(slot);
      if (!retain) {
        entries.set(slot, null);
      }
    }
  }

  /** Makes sure that the operation that produced an intermediate tensor is still recorded. */
  void requireRecorded(Tensor tensor) {
    int slot = tensor.slot();
    if (slot >= 0
        && (slot >= entries.size()
            || entries.get(slot) == null
            || entries.get(slot).output != tensor)) {
      throw consumed(tensor);
    }
  }

  private void requireReachable(Tensor output) {
    output.storage().buffer(output);
    if (!output.requiresGrad()) {
      throw new TalwegException(
          "backward: %s does not depend on any tensor that requires a gradient; was it computed under noGrad() or from detached tensors?"
              .formatted(output));
    }
    requireRecorded(output);
  }

  private static TalwegException consumed(Tensor tensor) {
    return new TalwegException(
        "backward: the operations that led to %s are no longer recorded, because an earlier backward() consumed them or their scope was closed; "
                .formatted(tensor)
            + "sum the losses and call backward() once, or use Gradients.of(output).retainGraph()");
  }

  /** Where the seed itself may be handed out as a gradient, nobody else may have it. */
  private Tensor one(Tensor output, GradientSink sink) {
    if (output.size() != 1) {
      throw new ShapeException(
          "backward: needs a scalar, got %s; reduce it with mean() or sum(), or pass the upstream gradient"
              .formatted(output));
    }
    Tensor one =
        sink.keepsLeaves() ? session.one(output.dtype()) : session.scalar(output.dtype(), 1);
    return one.reshape(output.shape().dims());
  }

  private static Tensor checked(Tensor output, Tensor upstream) {
    if (upstream.session() != output.session()) {
      throw new TalwegException(
          "backward: output and upstream gradient belong to different sessions (%s and %s)"
              .formatted(output.session(), upstream.session()));
    }
    if (upstream.dtype() != output.dtype()) {
      throw new DTypeException(
          "backward: the upstream gradient must have the output's type: expected %s, got %s; convert it with to(DType.%s)"
              .formatted(output, upstream, output.dtype()));
    }
    if (!upstream.shape().equals(output.shape())) {
      throw new ShapeException(
          "backward: the upstream gradient must match the output: expected %s, got %s"
              .formatted(output, upstream));
    }
    return upstream;
  }

  private void dropConsumedTail() {
    int end = entries.size();
    while (end > 0 && entries.get(end - 1) == null) {
      end--;
    }
    truncate(end);
  }
}
