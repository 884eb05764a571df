package talweg.session;

import java.util.Map;
import talweg.error.ClosedScopeException;
import talweg.op.Op;
import talweg.spi.Buffer;

/**
 * A buffer together with the scope that owns it. Tensors that are views of one another share a
 * storage. Only a session creates storages, which is what keeps every buffer inside the scopes'
 * accounting.
 */
public final class Storage {
  private static final String FREED_WITH_CAPTURE =
      " was made from host values inside a capture, which has been released since; make it outside"
          + " of the capture to use it longer";

  private final Buffer buffer;
  private final MemoryPool pool;
  private Object label = "tensor";
  private boolean named;
  private Scope owner;
  private boolean closed;
  private boolean ofCapture;
  private int holds;
  private int departures;

  Storage(Buffer buffer, MemoryPool pool, Scope owner) {
    this.buffer = buffer;
    this.pool = pool;
    this.owner = owner;
  }

  /**
   * The memory.
   *
   * @param what the tensor on whose behalf it is wanted, for the message
   * @throws ClosedScopeException if the owning scope or the session is closed
   */
  public Buffer buffer(Object what) {
    if (closed) {
      throw new ClosedScopeException(
          what + (ofCapture && owner.isUsable() ? FREED_WITH_CAPTURE : owner.whyFreed()));
    }
    return buffer;
  }

  /**
   * Notes that what a tensor on this memory stood for lies elsewhere now, such as a parameter's
   * values: who has recorded work on this memory would find the old values.
   */
  public void noteDeparture() {
    departures++;
  }

  /** How often {@link #noteDeparture} was called. */
  int departures() {
    return departures;
  }

  /** Notes that a capture keeps the memory, as a constant, and frees it at its end. */
  void endsWithCapture() {
    ofCapture = true;
  }

  void addTo(Map<Buffer, Storage> open) {
    if (!closed) {
      open.put(buffer, this);
    }
  }

  boolean isOn(Buffer memory) {
    return buffer == memory;
  }

  /** Whether the memory is gone. */
  public boolean isClosed() {
    return closed;
  }

  /** The scope that frees this storage. */
  public Scope owner() {
    return owner;
  }

  /**
   * Keeps the storage alive past the end of an inner scope, until {@link #unhold} is called as
   * often.
   */
  public void hold() {
    holds++;
  }

  /**
   * Takes one {@link #hold} back and frees the storage at once if it was the last and {@code scope}
   * owns it.
   */
  public void unhold(Scope scope) {
    if (--holds == 0 && owner == scope) {
      free();
    }
  }

  /** Whether a {@link #hold} is outstanding. */
  public boolean isHeld() {
    return holds > 0;
  }

  /** Says what the memory is for, unless that was said before. */
  public void name(String name) {
    if (!named && name != null) {
      label = name;
      named = true;
    }
  }

  /** Notes the operation that computes the content, which stands for a name where there is none. */
  void computedBy(Op op) {
    if (!named) {
      label = op;
    }
  }

  /** Whether it was said what the memory is for. */
  boolean isNamed() {
    return named;
  }

  /** The name or operation that {@link #label} tells of. */
  Object labelledBy() {
    return label;
  }

  /** What the memory is for, for reports. */
  String label() {
    String text = label instanceof Op op ? op.label() : label.toString();
    return named ? text : "%s in scope \"%s\"".formatted(text, owner.name());
  }

  long bytes() {
    return closed ? 0 : buffer.length() * buffer.dtype().bytes();
  }

  void moveTo(Scope scope) {
    owner = scope;
  }

  void free() {
    if (!closed) {
      closed = true;
      pool.give(buffer);
    }
  }
}
