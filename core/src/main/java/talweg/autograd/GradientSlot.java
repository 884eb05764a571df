package talweg.autograd;

import talweg.op.BinaryKind;
import talweg.op.Op;
import talweg.session.Session;
import talweg.spi.View;
import talweg.tensor.Tensor;

/**
 * Where {@link Tensor#backward} accumulates the gradient of one leaf. The first contribution after
 * {@link #clear} overwrites, later ones (micro-batches, tied weights) add, so there is no pass that
 * sets gradients to zero. An optimizer {@link #bind}s the slot to its part of the flat gradient
 * buffer.
 */
public final class GradientSlot {
  private final Tensor leaf;
  private Tensor destination;
  private int contributions;

  /** A slot without memory: the first contribution allocates it in the leaf's own scope. */
  public GradientSlot(Tensor leaf) {
    this.leaf = leaf;
  }

  /** Directs the gradient to existing memory of the leaf's shape and type. */
  public void bind(Tensor destination) {
    this.destination = destination;
    this.contributions = 0;
  }

  /** The gradient, or null while there is none. */
  public Tensor value() {
    return contributions == 0 ? null : destination;
  }

  /** Contributions since the last {@link #clear}. */
  public int contributions() {
    return contributions;
  }

  /** Forgets the gradient: the next contribution overwrites it. */
  public void clear() {
    contributions = 0;
  }

  /** Adds a gradient of the leaf's shape or of a shape that broadcasting stretched it to. */
  void add(Tensor gradient) {
    Session session = leaf.session();
    View target = destination().view();
    Op toLeafShape = Broadcasts.reduction(gradient.shape(), leaf.shape());
    if (contributions++ == 0) {
      if (toLeafShape == null) {
        session.dispatcher().assign(destination, gradient);
      } else {
        session.dispatcher().applyInto(target, 0, toLeafShape, gradient);
      }
      return;
    }
    View summand = Broadcasts.sumTo(gradient, leaf.shape()).view();
    session.backend().binary(BinaryKind.ADD, target, summand, target);
  }

  /** Adds a gradient that is computed straight into this slot's memory. */
  void add(GradientSink.InPlace gradient) {
    gradient.write(destination().view(), contributions++ == 0 ? 0 : 1);
  }

  private Tensor destination() {
    if (destination == null) {
      destination = leaf.session().emptyIn(leaf.storage().owner(), leaf.dtype(), leaf.shape());
    }
    return destination;
  }
}
