package talweg.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import talweg.error.ClosedScopeException;
import talweg.error.TalwegException;
import talweg.spi.Buffer;
import talweg.tensor.Tensor;

/**
 * A lexical lifetime. Every tensor belongs to the scope that was innermost when it was computed,
 * never to an operand's scope, and its memory returns to the pool when that scope closes. {@link
 * #keep} moves a tensor one scope up; there is no other verb.
 *
 * <pre>{@code
 * try (Scope step = session.scope("step")) {
 *   Tensor loss = ...;
 *   loss.backward();
 * }
 * }</pre>
 */
public final class Scope implements AutoCloseable {
  private final Session session;
  private final Scope parent;
  private final String name;
  private final int tapeStart;
  private final List<Storage> owned = new ArrayList<>();
  private final StackTraceElement[] openedAt;
  private final UnscopedTensors unscoped;
  private boolean closed;

  Scope(Session session, Scope parent, String name, int tapeStart) {
    this.session = session;
    this.parent = parent;
    this.name = name;
    this.tapeStart = tapeStart;
    this.openedAt = LeakTrace.capture();
    this.unscoped = parent == null ? new UnscopedTensors() : null;
  }

  /** The name used in messages. */
  public String name() {
    return name;
  }

  /**
   * Moves a tensor that this scope owns (with all views of it) to the enclosing scope; without
   * effect on tensors of outer scopes.
   *
   * @return the same tensor
   * @throws ClosedScopeException if the tensor's or this scope is closed, or this is the session's
   *     outermost scope
   * @throws TalwegException if the tensor is of another session
   */
  public Tensor keep(Tensor tensor) {
    requireOpen();
    session.requireOwn("keep", tensor);
    Storage storage = tensor.storage();
    storage.buffer(tensor);
    if (storage.owner() == this) {
      if (parent == null) {
        throw new ClosedScopeException(
            "scope \"" + name + "\": keep: there is no scope further out");
      }
      owned.remove(storage);
      parent.adopt(storage);
    }
    return tensor;
  }

  /** Frees what the scope owns and drops the part of the tape that was recorded inside it. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    session.requireOwnThread();
    if (session.innermost() != this) {
      throw new ClosedScopeException(
          "scope \"%s\" was closed while scope \"%s\" inside it is open; close scopes in reverse order, best with try-with-resources"
                  .formatted(name, session.innermost().name())
              + LeakTrace.describe(session.innermost().openedAt));
    }
    closed = true;
    session.tape().truncate(tapeStart);
    session.leave(parent);
    for (Storage storage : owned) {
      if (storage.owner() != this || storage.isClosed()) {
        continue;
      }
      if (storage.isHeld() && parent != null) {
        parent.adopt(storage);
      } else {
        storage.free();
      }
    }
    owned.clear();
  }

  void adopt(Storage storage) {
    storage.moveTo(this);
    owned.add(storage);
    if (unscoped != null) {
      unscoped.added(owned.size());
    }
  }

  /** Collects what is open in this scope and those around it. */
  void collect(Map<Buffer, Storage> open) {
    for (Scope scope = this; scope != null; scope = scope.parent) {
      for (Storage storage : scope.owned) {
        if (storage.owner() == scope) {
          storage.addTo(open);
        }
      }
    }
  }

  /** Reports the tensors of this scope and those around it. */
  void reportHolders(MemoryHolders holders) {
    for (Scope scope = this; scope != null; scope = scope.parent) {
      for (Storage storage : scope.owned) {
        if (storage.owner() == scope) {
          holders.add(storage);
        }
      }
      scope.reportUnscoped(holders);
    }
  }

  /** Reports how many tensors were made outside of any scope, if this is the outermost one. */
  void reportUnscoped(MemoryHolders holders) {
    if (unscoped == null) {
      return;
    }
    int unnamed = 0;
    for (int i = 0; i < owned.size(); i++) {
      Storage storage = owned.get(i);
      unnamed += storage.owner() != this || storage.isClosed() || storage.isNamed() ? 0 : 1;
    }
    holders.unscoped(unnamed, unscoped.mostFrequent());
  }

  boolean isUsable() {
    return !closed && !session.isClosed();
  }

  /** Why memory that this scope owned is gone, and what to do; follows the tensor's name. */
  String whyFreed() {
    if (session.isClosed()) {
      return " cannot be used: the session is closed; read results before session.close()";
    }
    if (!closed) {
      return " was used after its memory was freed: its owner was closed, or a parameter got a"
          + " new tensor; ask for the tensor again, such as by parameter.value()";
    }
    return " was used after its scope \"%s\" was closed; call scope.keep(tensor) before the scope ends to keep it"
        .formatted(name);
  }

  /** For tensors that are to belong to this scope. */
  void requireOf(Session user) {
    if (session != user) {
      throw new TalwegException(
          "scope \"%s\" belongs to another session, %s; a tensor belongs to a scope of its own session, %s"
              .formatted(name, session, user));
    }
    if (closed) {
      throw new ClosedScopeException("scope \"" + name + "\" is closed");
    }
  }

  private void requireOpen() {
    session.requireOpen();
    if (closed) {
      throw new ClosedScopeException("scope \"" + name + "\" is closed");
    }
  }

  @Override
  public String toString() {
    return "Scope[" + name + (closed ? ", closed]" : "]");
  }
}
