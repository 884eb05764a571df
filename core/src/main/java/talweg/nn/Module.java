package talweg.nn;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import talweg.check.Require;
import talweg.error.CaptureException;
import talweg.error.DTypeException;
import talweg.error.OperandException;
import talweg.io.HostTensor;
import talweg.io.NamedTensors;
import talweg.session.RandomStream;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * A part of a network: named parameters, buffers and inner modules, and a function of one tensor.
 * Subclasses declare their parts in the constructor and implement {@link #compute}.
 *
 * <p>A module is a description until {@link #init} places it on a session and draws its first
 * values there; {@link #to} moves or casts it and keeps them.
 */
public abstract class Module {
  private final Map<String, Parameter> own = new LinkedHashMap<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private String name;

  /** Modules that declared this one; several where it is shared. */
  private final Set<Module> parents = Collections.newSetFromMap(new WeakHashMap<>());

  /** The one of them that declared this one last, by which its parameters are named. */
  private Module parent;

  private RandomStream random;

  /** Streams of the optimizers that train a part of this module, by their parameters. */
  private final Map<Parameter, RandomStream> partly = new IdentityHashMap<>();

  /** The one of them from which this module draws, where no stream is for all of it. */
  private RandomStream shared;

  private boolean training = true;

  /** The function itself. */
  protected abstract Tensor compute(Tensor x);

  /** Applies the module; an error about shapes or element types names the layer. */
  public final Tensor forward(Tensor x) {
    Session session = x.session();
    RandomStream stream = random != null || !session.drawsFromItself() ? random : shared;
    if (stream == null || stream.session() != session || session.drawsFrom(stream)) {
      return named(() -> compute(x));
    }
    try (var _ = session.drawFrom(stream)) {
      return named(() -> compute(x));
    }
  }

  /**
   * Makes this module and those inside it draw their random numbers, such as dropout's, from a
   * stream of their own. An optimizer does so with the modules that it trains.
   *
   * @param stream of the session that the module is on
   */
  public final void drawFrom(RandomStream stream) {
    random = stream;
  }

  /** Ends {@link #drawFrom}, unless the module draws from another stream by now. */
  public final void stopDrawingFrom(RandomStream stream) {
    if (random == stream) {
      random = null;
    }
  }

  /**
   * Makes the modules that a parameter is in draw from a stream, where otherwise they would draw
   * from the session's: an optimizer does so with those of which it trains a part. Of the streams
   * for several parts it is that of the first parameter, so that the order in which optimizers are
   * bound does not matter.
   */
  public static void drawPartlyFrom(RandomStream stream, Collection<Parameter> parameters) {
    changeParts(parameters, (module, parameter) -> module.partly.put(parameter, stream));
  }

  /** Ends {@link #drawPartlyFrom}, unless another stream came after it. */
  public static void stopDrawingPartlyFrom(RandomStream stream, Collection<Parameter> parameters) {
    changeParts(parameters, (module, parameter) -> module.partly.remove(parameter, stream));
  }

  private static void changeParts(
      Collection<Parameter> parameters, BiConsumer<Module, Parameter> change) {
    Set<Module> around = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Parameter parameter : parameters) {
      Set<Module> seen = Collections.newSetFromMap(new IdentityHashMap<>());
      climb(parameter.layer(), seen::add);
      seen.forEach(module -> change.accept(module, parameter));
      around.addAll(seen);
    }
    for (Module module : around) {
      module.shared =
          module.named().values().stream()
              .map(module.partly::get)
              .filter(Objects::nonNull)
              .findFirst()
              .orElse(null);
    }
  }

  /**
   * The modules whose trainable parameters are all among the given ones: the layers that declare
   * them, and modules around those.
   *
   * @param parameters of one or several models
   */
  public static Set<Module> covering(Collection<Parameter> parameters) {
    Set<Parameter> given = Collections.newSetFromMap(new IdentityHashMap<>());
    given.addAll(parameters);
    Map<Module, Boolean> covered = new IdentityHashMap<>();
    Set<Module> all = new LinkedHashSet<>();
    for (Parameter parameter : parameters) {
      climb(
          parameter.layer(),
          module ->
              covered.computeIfAbsent(module, m -> given.containsAll(m.trainable()))
                  && all.add(module));
    }
    return all;
  }

  /** Visits a module and, where it says so, those around it. */
  private static void climb(Module module, Predicate<Module> further) {
    if (module != null && further.test(module)) {
      module.parents.forEach(parent -> climb(parent, further));
    }
  }

  /** Runs a part of this module's forward pass; an error about operands names the layer. */
  final Tensor named(Supplier<Tensor> body) {
    try {
      return body.get();
    } catch (OperandException e) {
      throw name == null ? e : e.within(name);
    } catch (CaptureException e) {
      throw name == null ? e : e.within(name);
    }
  }

  /**
   * Declares a parameter.
   *
   * @throws IllegalArgumentException if the name is empty, has a dot, or is taken: paths such as
   *     {@code encoder.weight} must tell all parts apart
   */
  protected final Parameter parameter(String name, Shape shape, Init init) {
    return declare(Parameter.trained(name, shape, init));
  }

  /** Declares a buffer, constant at first. */
  protected final Parameter buffer(String name, Shape shape, double value) {
    return declare(Parameter.buffer(name, shape, value, null));
  }

  /** Declares a count of type I64, 0 at first. */
  protected final Parameter counter(String name) {
    return declare(Parameter.buffer(name, Shape.SCALAR, 0, DType.I64));
  }

  /** Declares another module's parameter as this one's, too: a tied weight. */
  protected final Parameter tie(String name, Parameter shared) {
    requireFree(name);
    Require.given(kind(), "parameter \"" + name + "\"", shared);
    own.put(name, shared);
    return shared;
  }

  /**
   * Declares an inner module; the same one under several names shares its weights.
   *
   * @throws IllegalArgumentException if the name is empty, has a dot, or is taken, or if the module
   *     is null or has this one inside
   */
  protected final <M extends Module> M child(String name, M module) {
    requireFree(name);
    Module asModule = module;
    Require.given(kind(), "child \"" + name + "\"", module);
    if (asModule.contains(this)) {
      throw Require.wrong(
          kind(),
          "child \"" + name + "\"",
          "a module that does not have this one inside",
          asModule == this ? "the module itself" : "one of type " + asModule.kind());
    }
    asModule.name = name;
    asModule.parents.add(this);
    asModule.parent = this;
    children.put(name, module);
    renameParameters();
    return module;
  }

  private boolean contains(Module other) {
    return this == other || children.values().stream().anyMatch(m -> m.contains(other));
  }

  /** Names all parameters by their paths from the outermost module that this one is in. */
  private void renameParameters() {
    Module outermost = this;
    while (outermost.parent != null) {
      outermost = outermost.parent;
    }
    outermost.named().forEach((path, parameter) -> parameter.rename(path));
  }

  private String kind() {
    return getClass().getSimpleName().isEmpty() ? "module" : getClass().getSimpleName();
  }

  private void requireFree(String part) {
    String owner = kind();
    if (part == null || part.isEmpty() || part.indexOf('.') >= 0) {
      throw Require.wrong(
          owner,
          "name of a parameter or child",
          "at least one character and no dot, which separates the names in a path",
          "\"" + part + "\"");
    }
    if (own.containsKey(part) || children.containsKey(part)) {
      throw Require.wrong(
          owner, "name of a parameter or child", "a name for each", "\"" + part + "\" twice");
    }
  }

  private Parameter declare(Parameter parameter) {
    requireFree(parameter.name());
    own.put(parameter.name(), parameter);
    parameter.declaredBy(this);
    return parameter;
  }

  /** As {@link #init(Session, DType, long)} in F32. */
  public final Module init(Session session, long seed) {
    return init(session, DType.F32, seed);
  }

  /**
   * Gives every parameter memory on a session, in its outermost scope, and draws first values on
   * the host, which makes them the same on every backend. Values from before are lost; {@link
   * #to(Session)} and {@link #to(DType)} keep them.
   *
   * @param seed of the first values only; the same seed gives the same values
   * @return this module
   */
  public final Module init(Session session, DType dtype, long seed) {
    requireArithmetic("init", dtype);
    renameParameters();
    int stream = 0;
    for (Parameter parameter : named().values()) {
      parameter.init(session, dtype, new HostRandom(seed, stream++));
    }
    return this;
  }

  /**
   * Moves the model to another session and keeps its values, bit for bit. An optimizer that was
   * bound before refuses to step from then on. Has no effect on a model that is on that session.
   *
   * @return this module
   * @throws talweg.error.TalwegException before {@link #init}
   */
  public final Module to(Session session) {
    return replaceValues(parameter -> parameter.copiedTo(session));
  }

  /**
   * Casts the model to another element type and keeps its values, rounded if the type is narrower;
   * counters stay I64. An optimizer that was bound before refuses to step from then on. Has no
   * effect on a model of that type.
   *
   * @param dtype F32 or F64
   * @return this module
   * @throws talweg.error.TalwegException before {@link #init}
   * @throws talweg.error.DTypeException if the type has no arithmetic
   */
  public final Module to(DType dtype) {
    requireArithmetic("to", dtype);
    return replaceValues(parameter -> parameter.castTo(dtype));
  }

  private static void requireArithmetic(String what, DType dtype) {
    if (!dtype.isArithmetic()) {
      throw new DTypeException(
          "%s: a model computes in F32 or F64, got %s; use DType.F32".formatted(what, dtype));
    }
  }

  /** Replaces all values or, if one cannot be made, none. */
  private Module replaceValues(Function<Parameter, Tensor> next) {
    Map<Parameter, Tensor> values = new LinkedHashMap<>();
    try {
      named().values().forEach(parameter -> values.put(parameter, next.apply(parameter)));
    } catch (RuntimeException | Error e) {
      values.forEach((parameter, value) -> {
        if (value != parameter.value()) {
          value.free();
        }
      });
      throw e;
    }
    values.forEach((parameter, value) -> {
      if (value != parameter.value()) {
        parameter.rebind(value);
      }
    });
    return this;
  }

  /**
   * All parameters and buffers by path, in declaration order; a tied weight once, under its first
   * path.
   */
  public final Map<String, Parameter> named() {
    Map<String, Parameter> all = new LinkedHashMap<>();
    Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    collect("", all, seen);
    return all;
  }

  private void collect(String prefix, Map<String, Parameter> all, Set<Parameter> seen) {
    own.forEach((key, parameter) -> {
      if (seen.add(parameter)) {
        all.put(prefix + key, parameter);
      }
    });
    children.forEach((key, module) -> module.collect(prefix + key + ".", all, seen));
  }

  /** The values of all parameters and buffers by path, as in a PyTorch state dict. */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    named().forEach((path, parameter) -> state.put(path, parameter.value()));
    return state;
  }

  /**
   * Takes over the values of a model of the same structure, for example what {@link
   * talweg.io.Safetensors#read} found in a file that PyTorch wrote; all of them, or none.
   *
   * @param source begins the error, e.g. the name of the file
   * @throws talweg.error.DataFormatException naming what is missing, unexpected or different
   */
  public final Module load(String source, Map<String, HostTensor> values) {
    NamedTensors.restore(source, state(), values);
    return this;
  }

  /** The parameters that an optimizer changes: neither buffers nor frozen ones. */
  public final List<Parameter> trainable() {
    List<Parameter> list = new ArrayList<>(named().values());
    list.removeIf(p -> !p.isTrainable());
    return list;
  }

  /** Number of trainable scalars. */
  public final long parameterCount() {
    return trainable().stream().mapToLong(p -> p.shape().size()).sum();
  }

  /**
   * Whether {@link #compute} asks the device for the same work at each call in training mode, given
   * input of one shape: the same operations with the same constants, on the same parameters. Then a
   * trainer may record a step once and replay it, which spares the host most of its work.
   *
   * <p>That is not so where {@code compute} draws random numbers on the host, counts, depends on
   * the epoch or reads a tensor. It is so for all layers of this package; a module of your own says
   * so by overriding this method. A trainer asks the modules inside one by one, so that a module
   * answers for its own {@code compute} only; and it checks the answer soon after it recorded a
   * step, and about once an epoch from then on.
   */
  public boolean isReplayable() {
    return false;
  }

  /** The modules of this tree, itself among them, by path; this one's path is empty. */
  public final Map<String, Module> modules() {
    Map<String, Module> all = new LinkedHashMap<>();
    collect("", all);
    return all;
  }

  private void collect(String path, Map<String, Module> all) {
    all.put(path, this);
    children.forEach((key, module) -> module.collect(path.isEmpty() ? key : path + "." + key, all));
  }

  /** Training mode: dropout drops, batch norm uses the batch's statistics. */
  public final Module train() {
    return mode(true);
  }

  /** Evaluation mode: dropout passes, batch norm uses its running statistics. */
  public final Module eval() {
    return mode(false);
  }

  /** Whether the module is in training mode. */
  public final boolean isTraining() {
    return training;
  }

  @Override
  public String toString() {
    String simple = getClass().getSimpleName();
    return simple.isEmpty() ? "Module" : simple;
  }

  private Module mode(boolean on) {
    training = on;
    children.values().forEach(child -> child.mode(on));
    return this;
  }
}
