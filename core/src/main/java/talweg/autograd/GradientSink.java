package talweg.autograd;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import talweg.op.Op;
import talweg.session.Scope;
import talweg.spi.View;
import talweg.tensor.Tensor;

/**
 * Takes the gradients that a rule produces to where they belong: a pending sum for an intermediate
 * tensor, the final place for a leaf. Broadcasting is undone here, once for all rules.
 *
 * <p>A rule hands over suppliers, so that nothing is computed for an operand that needs no
 * gradient.
 */
abstract class GradientSink {
  private Tape tape;
  private Tensor[] inputs;
  private Tensor[] pending;
  private Scope scope;

  /**
   * Adds a gradient of operand {@code i}, of its shape or of the shape that it was broadcast to.
   */
  final void to(int i, Supplier<Tensor> gradient) {
    Tensor input = inputs[i];
    if (!input.requiresGrad()) {
      return;
    }
    if (input.slot() >= 0) {
      accumulate(input, gradient.get());
    } else if (wantsLeaf(input)) {
      addToLeaf(input, gradient.get());
    }
  }

  /** Adds {@code product(a, b)} to operand {@code i}: for a leaf straight into its memory. */
  final void toProduct(int i, Op.MatMul product, Tensor a, Tensor b) {
    if (isKept(i) && a.rank() == 2 && b.rank() == 2) {
      into(i, (place, beta) -> a.session().dispatcher().applyInto(place, beta, product, a, b));
    } else {
      to(i, () -> a.matmul(b, product.transA(), product.transB()));
    }
  }

  /**
   * Has a gradient of operand {@code i} written into the memory where it belongs. What is written
   * so is not recorded: not for gradients that are to be differentiated.
   */
  final void into(int i, InPlace gradient) {
    Tensor input = inputs[i];
    if (isKept(i)) {
      input.gradientSlot().add(gradient);
    } else {
      to(
          i,
          () -> {
            Tensor fresh = input.session().empty(input.dtype(), input.shape());
            gradient.write(fresh.view(), 0);
            return fresh;
          });
    }
  }

  /** As {@link #into}; writes to no place, null, where operand {@code i} needs no gradient. */
  final void intoIfWanted(int i, InPlace gradient) {
    if (wants(i)) {
      into(i, gradient);
    } else {
      gradient.write(null, 0);
    }
  }

  private boolean isKept(int i) {
    return inputs[i].requiresGrad() && inputs[i].slot() < 0 && keepsLeaves();
  }

  /** Whether operand {@code i} is there and needs a gradient. */
  final boolean wants(int i) {
    return i < inputs.length
        && inputs[i].requiresGrad()
        && (inputs[i].slot() >= 0 || wantsLeaf(inputs[i]));
  }

  /** A computation that writes {@code gradient + beta * old content} to a place. */
  @FunctionalInterface
  interface InPlace {
    void write(View place, double beta);
  }

  final void start(Tape tape, int slots) {
    this.tape = tape;
    pending = new Tensor[slots];
  }

  final void ownedBy(Scope scope) {
    this.scope = scope;
  }

  final boolean isScoped() {
    return scope != null;
  }

  final Scope scope() {
    return scope;
  }

  final void seed(Tensor output, Tensor gradient) {
    if (output.slot() >= 0) {
      accumulate(output, gradient);
    } else if (wantsLeaf(output)) {
      addToLeaf(output, gradient);
    }
  }

  final void enter(Tensor[] inputs) {
    this.inputs = inputs;
  }

  final Tensor pending(int slot) {
    return slot < pending.length ? pending[slot] : null;
  }

  /**
   * The gradient of an intermediate tensor has been passed on: its memory is free, unless somebody
   * asked for it.
   */
  final void done(int slot) {
    if (isScoped() && !wantsIntermediate(slot)) {
      pending[slot].storage().unhold(scope);
    }
    if (!wantsIntermediate(slot)) {
      pending[slot] = null;
    }
  }

  abstract boolean wantsLeaf(Tensor leaf);

  abstract boolean wantsIntermediate(int slot);

  /** Whether leaves keep their gradients in memory of their own. */
  abstract boolean keepsLeaves();

  abstract void addToLeaf(Tensor leaf, Tensor gradient);

  /** Called before the backward scope closes. */
  void finish() {}

  private void accumulate(Tensor input, Tensor gradient) {
    tape.requireRecorded(input);
    Tensor mine = Broadcasts.sumTo(gradient, input.shape());
    Tensor before = pending[input.slot()];
    Tensor sum = before == null ? mine : before.add(mine);
    pending[input.slot()] = sum;
    if (isScoped()) {
      sum.storage().hold();
      if (before != null) {
        before.storage().unhold(scope);
      }
    }
  }

  /** For {@link Tensor#backward}: leaves keep their gradients. */
  static final class IntoLeaves extends GradientSink {
    @Override
    boolean wantsLeaf(Tensor leaf) {
      return true;
    }

    @Override
    boolean wantsIntermediate(int slot) {
      return false;
    }

    @Override
    boolean keepsLeaves() {
      return true;
    }

    @Override
    void addToLeaf(Tensor leaf, Tensor gradient) {
      leaf.gradientSlot().add(gradient);
    }
  }

  /**
   * For {@link Gradients}: gradients of the tensors asked for, as fresh tensors; leaves are left
   * alone.
   */
  static final class Collected extends GradientSink {
    private final List<Tensor> wanted;
    private final Map<Tensor, Tensor> found = new IdentityHashMap<>();

    Collected(List<Tensor> wanted) {
      this.wanted = wanted;
    }

    @Override
    boolean wantsLeaf(Tensor leaf) {
      return wanted.contains(leaf);
    }

    @Override
    boolean wantsIntermediate(int slot) {
      return wanted.stream().anyMatch(t -> t.slot() == slot);
    }

    @Override
    boolean keepsLeaves() {
      return false;
    }

    @Override
    void addToLeaf(Tensor leaf, Tensor gradient) {
      Tensor mine = Broadcasts.sumTo(gradient, leaf.shape());
      Tensor before = found.get(leaf);
      Tensor sum = before == null ? mine : before.add(mine);
      found.put(leaf, sum);
      if (isScoped()) {
        sum.storage().hold();
        if (before != null) {
          before.storage().unhold(scope());
        }
      }
    }

    /** Hands the results over to the scope in which the gradients were asked for. */
    @Override
    void finish() {
      for (Tensor input : wanted) {
        Tensor result = result(input);
        if (result != null && result.storage().isHeld()) {
          result.storage().unhold(null);
          scope().keep(result);
        }
      }
    }

    /** The gradient of {@code input}, or null if the output does not depend on it. */
    Tensor result(Tensor input) {
      return input.slot() < 0 ? found.get(input) : pending(input.slot());
    }
  }
}
