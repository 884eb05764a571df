package talweg.nn;

import java.util.Map;
import talweg.error.TalwegException;
import talweg.io.NamedTensors;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * A named tensor of a module: trained by an optimizer, or a buffer (running statistics) that is
 * only saved. It has a shape from the start and values once the model is placed on a session. The
 * same parameter in two modules is a tied weight.
 */
public final class Parameter {
  private final Shape shape;
  private final Init init;
  private final boolean buffer;
  private final DType fixedType;
  private boolean frozen;
  private String name;
  private Module layer;
  private Tensor value;
  private Claim claim;

  private Parameter(String name, Shape shape, Init init, boolean buffer, DType fixedType) {
    this.name = name;
    this.shape = shape;
    this.init = init;
    this.buffer = buffer;
    this.fixedType = fixedType;
  }

  static Parameter trained(String name, Shape shape, Init init) {
    return new Parameter(name, shape, init, false, null);
  }

  /**
   * A buffer with one value at first.
   *
   * @param type its element type, or null for that of the model
   */
  static Parameter buffer(String name, Shape shape, double value, DType type) {
    return new Parameter(name, shape, Init.constant(value), true, type);
  }

  /**
   * Path within the outermost module that it is in, as in a PyTorch state dict: parts of one model
   * have different names, also if they were placed one by one.
   */
  public String name() {
    return name;
  }

  public Shape shape() {
    return shape;
  }

  /** Whether this is a buffer: saved with the model, but without a gradient. */
  public boolean isBuffer() {
    return buffer;
  }

  /** Whether an optimizer may change it. */
  public boolean isTrainable() {
    return !buffer && !frozen;
  }

  /**
   * Takes the parameter out of training.
   *
   * @throws TalwegException while an optimizer trains it
   */
  public Parameter freeze() {
    if (claim != null && claim.stands()) {
      throw new TalwegException(
          "freeze: parameter %s is trained by an optimizer; close that one (or its trainer) first, or freeze before it is bound"
              .formatted(describe()));
    }
    frozen = true;
    if (value != null) {
      value = value.detach();
    }
    return this;
  }

  /**
   * The current values.
   *
   * @throws TalwegException before {@link Module#init}
   */
  public Tensor value() {
    if (value == null) {
      throw new TalwegException(
          "parameter \""
              + name
              + "\" has no values yet: call model.init(session, dtype, seed) first");
    }
    return value;
  }

  /**
   * Moves the values into memory of an optimizer, which has them for itself until it {@link
   * #unclaim}s them.
   *
   * @param home filled with the values
   * @throws TalwegException if another optimizer trains this parameter
   */
  public void claim(Claim by, Tensor home) {
    requireUnclaimed();
    rebind(home);
    claim = by;
  }

  /**
   * Refuses a parameter that an optimizer trains already.
   *
   * @throws TalwegException if one does
   */
  public void requireUnclaimed() {
    if (claim != null && claim.stands()) {
      throw new TalwegException(
          "optimizer: parameter %s is trained by another optimizer; close that one (or its trainer) first, or make both rules parameter groups of one optimizer"
              .formatted(describe()));
    }
  }

  /** Ends a claim, if it is this one; the values stay where they are, without a gradient. */
  public void unclaim(Claim by) {
    if (claim == by) {
      claim = null;
      rebind(value.detach());
    }
  }

  /** Replaces the tensor that holds the values. Memory that no parameter uses any more is freed. */
  void rebind(Tensor tensor) {
    if (claim != null) {
      claim.breakAt(this);
      claim = null;
    }
    tensor.storage().hold();
    if (value != null && value.storage() != tensor.storage()) {
      value.storage().noteDeparture();
    }
    if (value != null) {
      value.storage().unhold(value.storage().owner());
    }
    value = tensor.named(name);
    if (isTrainable()) {
      value.requireGrad();
    }
  }

  /** For messages, e.g. {@code "0.weight" (layer 0, Linear(64, 128))}. */
  public String describe() {
    String path = name.replaceFirst("\\.?[^.]*$", "");
    return "\"%s\" (layer %s)".formatted(name, path.isEmpty() ? layer : path + ", " + layer);
  }

  Module layer() {
    return layer;
  }

  void declaredBy(Module module) {
    layer = module;
  }

  void rename(String path) {
    name = path;
  }

  void init(Session session, DType dtype, HostRandom random) {
    Tensor home = memory(session, dtype);
    home.assign(init.draw(shape, random));
    rebind(home);
  }

  /** The same values on a session, which may be this one. */
  Tensor copiedTo(Session session) {
    Tensor from = value();
    if (from.session() == session) {
      return from;
    }
    Tensor home = session.emptyIn(session.root(), from.dtype(), shape);
    NamedTensors.restore(name, Map.of(name, home), NamedTensors.copy(Map.of(name, from)));
    return home;
  }

  /** The same values in another element type, where this parameter follows that of the model. */
  Tensor castTo(DType dtype) {
    Tensor from = value();
    if (fixedType != null || from.dtype() == dtype) {
      return from;
    }
    Session session = from.session();
    Tensor home = memory(session, dtype);
    try (var _ = session.noGrad();
        var _ = session.scope("cast of " + name)) {
      home.assign(from.to(dtype));
    }
    return home;
  }

  private Tensor memory(Session session, DType dtype) {
    return session.emptyIn(session.root(), fixedType == null ? dtype : fixedType, shape);
  }

  @Override
  public String toString() {
    return name + shape;
  }
}
