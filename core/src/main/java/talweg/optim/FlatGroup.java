package talweg.optim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import talweg.error.DTypeException;
import talweg.error.TalwegException;
import talweg.nn.Claim;
import talweg.nn.Parameter;
import talweg.op.FusedCall.Segment;
import talweg.session.Session;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * All trained parameters of a model in one contiguous buffer, their gradients in a second, each
 * state of the optimizer in a further one, laid out alike: one pass updates the model, whatever its
 * number of tensors. Parameters become views of the flat buffer, and backward passes write straight
 * into the flat gradients.
 *
 * <p>Each parameter is a segment, padded to a multiple of {@value #ALIGNMENT} elements. Two tables
 * on the device describe the segments: the I64 table of {@link Segment} columns, and the F64 vector
 * of updates that each has received.
 */
public final class FlatGroup {
  /** Segments start at multiples of this many elements: a 64-byte line of F32. */
  static final int ALIGNMENT = 16;

  private final Session session;
  private final List<ParameterGroup> groupList;
  private final List<Parameter> parameters = new ArrayList<>();
  private final long[] offsets;
  private final int[] groups;
  private final Tensor params;
  private final Tensor grads;
  private final Tensor segments;
  private final Tensor steps;
  private final Map<String, Tensor> states = new LinkedHashMap<>();
  private final Map<String, Tensor> scalars = new LinkedHashMap<>();
  private final Claim claim = new Claim();

  /** All memory of this group. */
  private final List<Tensor> owned = new ArrayList<>();

  private boolean[] hasGradient;

  FlatGroup(Session session, List<ParameterGroup> groupList) {
    this.session = session;
    this.groupList = List.copyOf(groupList);
    List<Integer> groupOf = new ArrayList<>();
    for (int g = 0; g < groupList.size(); g++) {
      for (Parameter parameter : groupList.get(g).parameters()) {
        checkNew(parameter);
        parameters.add(parameter);
        groupOf.add(g);
      }
    }
    this.groups = groupOf.stream().mapToInt(Integer::intValue).toArray();
    this.offsets = new long[parameters.size()];
    long end = 0;
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = end;
      long length = parameters.get(i).shape().size();
      end += (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    int total = Math.toIntExact(end);
    DType dtype = parameters.getFirst().value().dtype();
    this.hasGradient = new boolean[offsets.length];
    try {
      this.params = flat(dtype, total).named("flat parameters");
      this.grads = flat(dtype, total).named("flat gradients");
      this.steps = flat(DType.F64, offsets.length).named("segment steps");
      this.segments = owned(DType.I64, Shape.of(offsets.length, Segment.COLUMNS)).named("segments");
      uploadSegments();
      adoptParameters();
    } catch (RuntimeException | Error e) {
      release();
      throw e;
    }
  }

  /** Number of segments. */
  int size() {
    return offsets.length;
  }

  Session session() {
    return session;
  }

  List<Parameter> parameters() {
    return parameters;
  }

  Tensor params() {
    return params;
  }

  Tensor grads() {
    return grads;
  }

  Tensor segments() {
    return segments;
  }

  Tensor steps() {
    return steps;
  }

  /** The number of a parameter's segment. */
  int segmentOf(Parameter parameter) {
    int segment = parameters.indexOf(parameter);
    if (segment < 0) {
      throw new IllegalArgumentException(
          "optimizer: parameter \"%s\" is not one of those it trains".formatted(parameter.name()));
    }
    return segment;
  }

  int group(int segment) {
    return groups[segment];
  }

  boolean hasGradient(int segment) {
    return hasGradient[segment];
  }

  /**
   * A state tensor laid out as the parameters. At first it holds what each parameter's chain says,
   * and zeros where a chain does not have that state, and between parameters.
   */
  Tensor state(String name) {
    return states.computeIfAbsent(
        name,
        n -> {
          Tensor state = flat(params.dtype(), Math.toIntExact(params.size())).named(n);
          for (int i = 0; i < offsets.length; i++) {
            session.backend().fill(view(state, i).view(), initialValue(i, n));
          }
          return state;
        });
  }

  /** A state of one number for each parameter, F64 [parameters], with first values as above. */
  Tensor scalar(String name) {
    return scalars.computeIfAbsent(
        name,
        n -> {
          Tensor scalar = flat(DType.F64, offsets.length).named(n);
          double[] values = new double[offsets.length];
          Arrays.setAll(values, i -> initialValue(i, n));
          scalar.assign(values);
          return scalar;
        });
  }

  Map<String, Tensor> states() {
    return states;
  }

  Map<String, Tensor> scalars() {
    return scalars;
  }

  private double initialValue(int segment, String state) {
    return groupList.get(groups[segment]).optimizer().chain().stream()
        .filter(t -> t.stateNames().contains(state) || t.scalarNames().contains(state))
        .mapToDouble(t -> t.initialValue(state))
        .findFirst()
        .orElse(0);
  }

  /** The part of a flat tensor that belongs to a segment, in the parameter's shape. */
  Tensor view(Tensor flat, int segment) {
    View view =
        View.contiguous(flat.view().buffer(), offsets[segment], parameters.get(segment).shape());
    return new Tensor(session, flat.storage(), view, -1).named(parameters.get(segment).name());
  }

  /** One entry of a flat vector (steps, step state) as a scalar view. */
  static Tensor entry(Tensor vector, int index) {
    return vector.slice(0, index, index + 1).reshape();
  }

  /**
   * Notes which parameters got a gradient since the last step; uploads the table only when that
   * changed.
   */
  void refreshGradientFlags() {
    boolean[] now = new boolean[offsets.length];
    for (int i = 0; i < now.length; i++) {
      now[i] = hasNewGradient(i);
    }
    if (!Arrays.equals(now, hasGradient)) {
      hasGradient = now;
      uploadSegments();
    }
  }

  /** Whether there was a backward pass since the gradients were cleared. */
  boolean hasNewGradients() {
    return IntStream.range(0, offsets.length).anyMatch(this::hasNewGradient);
  }

  /** The first parameter of which the noted flag is not true any more, or null. */
  Parameter firstOtherGradient() {
    return IntStream.range(0, offsets.length)
        .filter(i -> hasNewGradient(i) != hasGradient[i])
        .mapToObj(parameters::get)
        .findFirst()
        .orElse(null);
  }

  private boolean hasNewGradient(int segment) {
    return parameters.get(segment).value().gradientSlot().contributions() > 0;
  }

  /**
   * Refuses to train values that nobody uses any more.
   *
   * @throws TalwegException if the group was released, or a parameter's values were replaced
   */
  void requireStanding() {
    claim.requireStanding();
  }

  /** Releases the parameters, which keep their values, and returns all other memory. */
  void release() {
    claim.release();
    parameters.forEach(parameter -> parameter.unclaim(claim));
    // The parameters hold the memory that their values lie in.
    owned.forEach(Tensor::free);
  }

  /** Makes the next backward pass overwrite the gradients. */
  void clearGradients() {
    for (Parameter parameter : parameters) {
      parameter.value().gradientSlot().clear();
    }
  }

  private void checkNew(Parameter parameter) {
    if (!parameter.isTrainable()) {
      throw new TalwegException(
          "optimizer: parameter \"" + parameter.name() + "\" is frozen or a buffer");
    }
    if (parameters.contains(parameter)) {
      throw new TalwegException(
          "optimizer: parameter \""
              + parameter.name()
              + "\" is in two groups; name each parameter once");
    }
    // Says so if its session is closed.
    parameter.value().view();
    parameter.requireUnclaimed();
    DType first =
        parameters.isEmpty() ? parameter.value().dtype() : parameters.getFirst().value().dtype();
    if (parameter.value().dtype() != first || !first.isArithmetic()) {
      throw new DTypeException(
          "optimizer: all parameters must be F32 or all F64, got %s and %s"
              .formatted(
                  parameters.isEmpty() ? parameter : parameters.getFirst().value(),
                  parameter.value()));
    }
  }

  private void adoptParameters() {
    try (var _ = session.noGrad()) {
      for (int i = 0; i < offsets.length; i++) {
        Parameter parameter = parameters.get(i);
        Tensor home = view(params, i);
        home.assign(parameter.value());
        parameter.claim(claim, home);
        parameter
            .value()
            .gradientSlot()
            .bind(view(grads, i).named("gradient of " + parameter.name()));
      }
    }
  }

  private void uploadSegments() {
    long[] table = new long[offsets.length * Segment.COLUMNS];
    for (int i = 0; i < offsets.length; i++) {
      int row = i * Segment.COLUMNS;
      table[row + Segment.OFFSET.ordinal()] = offsets[i];
      table[row + Segment.LENGTH.ordinal()] = parameters.get(i).shape().size();
      table[row + Segment.GROUP.ordinal()] = groups[i];
      table[row + Segment.HAS_GRADIENT.ordinal()] = hasGradient[i] ? 1 : 0;
    }
    session.upload(java.lang.foreign.MemorySegment.ofArray(table), segments.view());
  }

  private Tensor flat(DType dtype, int length) {
    Tensor tensor = owned(dtype, Shape.of(length));
    session.backend().fill(tensor.view(), 0);
    return tensor;
  }

  private Tensor owned(DType dtype, Shape shape) {
    Tensor tensor = session.emptyIn(session.root(), dtype, shape);
    owned.add(tensor);
    return tensor;
  }
}
