package talweg.backend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.ParameterGroup;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Vectors with given gradients under an optimizer: what tests of a backend look at without a
 * network.
 */
public final class UpdateRun implements AutoCloseable {
  /** Segments of the flat buffers start at multiples of this. */
  private static final int ALIGNMENT = 16;

  private final Session session;
  private final DType dtype;
  private final Vectors model;
  private final Optimizer optimizer;

  /** The parameters "w0", "w1" and so on. */
  private static final class Vectors extends Module {
    private final List<Parameter> list = new ArrayList<>();

    Vectors(double[][] values) {
      for (double[] value : values) {
        list.add(parameter("w" + list.size(), Shape.of(value.length), (_, _) -> value));
      }
    }

    @Override
    protected Tensor compute(Tensor x) {
      return x;
    }
  }

  /** All vectors in one group. The backend is closed with the run. */
  public UpdateRun(
      Backend backend,
      DType dtype,
      OptimizerSpec spec,
      OptimizerOptions options,
      double[]... weights) {
    this(backend, dtype, List.of(spec), new int[weights.length], options, weights);
  }

  /**
   * Vectors in groups.
   *
   * @param group the number of each vector's optimizer
   */
  public UpdateRun(
      Backend backend,
      DType dtype,
      List<OptimizerSpec> specs,
      int[] group,
      OptimizerOptions options,
      double[]... weights) {
    this.session = new Session(backend);
    this.dtype = dtype;
    this.model = new Vectors(weights);
    model.init(session, dtype, 0);
    List<ParameterGroup> groups = new ArrayList<>();
    for (int g = 0; g < specs.size(); g++) {
      List<Parameter> members = new ArrayList<>();
      for (int i = 0; i < group.length; i++) {
        if (group[i] == g) {
          members.add(model.list.get(i));
        }
      }
      groups.add(new ParameterGroup(members, specs.get(g)));
    }
    this.optimizer = Optimizer.bind(groups, options);
  }

  public Optimizer optimizer() {
    return optimizer;
  }

  /** Adds gradients, null for a vector without one. */
  public UpdateRun backward(double[]... gradients) {
    try (var _ = session.scope("backward")) {
      for (int i = 0; i < gradients.length; i++) {
        if (gradients[i] != null) {
          Tensor g = session.tensor(gradients[i], gradients[i].length).to(dtype);
          model.list.get(i).value().backward(g);
        }
      }
    }
    return this;
  }

  /** One step with these gradients. */
  public UpdateRun step(double[]... gradients) {
    backward(gradients);
    optimizer.step();
    return this;
  }

  public double[] weights(int i) {
    return model.list.get(i).value().toDoubles();
  }

  public double[] weights() {
    return model.list.stream().flatMapToDouble(p -> Arrays.stream(p.value().toDoubles())).toArray();
  }

  public double[] state(String name, int i) {
    return optimizer.state(name, model.list.get(i)).toDoubles();
  }

  /** Every state of all vectors, and the weights, by name. */
  public Map<String, double[]> everything() {
    Map<String, double[]> all = new TreeMap<>();
    all.put("weights", weights());
    for (String name : optimizer.stateNames()) {
      all.put(
          name,
          model.list.stream()
              .flatMapToDouble(p -> Arrays.stream(optimizer.state(name, p).toDoubles()))
              .toArray());
    }
    return all;
  }

  /**
   * What lies behind a vector in the flat weights (null) or in a flat state, up to the next one.
   */
  public double[] padding(String state, int i) {
    Parameter parameter = model.list.get(i);
    Tensor part = state == null ? parameter.value() : optimizer.state(state, parameter);
    View view = part.view();
    int length = (int) view.size();
    View behind =
        View.contiguous(
            view.buffer(),
            view.offset() + length,
            Shape.of(Math.ceilDiv(length, ALIGNMENT) * ALIGNMENT - length));
    return new Tensor(session, part.storage(), behind, -1).toDoubles();
  }

  @Override
  public void close() {
    session.close();
  }
}
