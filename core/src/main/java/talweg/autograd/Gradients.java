package talweg.autograd;

import java.util.ArrayList;
import java.util.List;
import talweg.error.TalwegException;
import talweg.session.Scope;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Gradients as tensors, without touching what {@link Tensor#backward} accumulates.
 *
 * <pre>{@code
 * Tensor gradient = Gradients.of(loss).createGraph().wrt(w);      // differentiable itself
 * Tensor product = Gradients.of(gradient.mul(v).sum()).wrt(w);    // Hessian times v
 * }</pre>
 */
public final class Gradients {
  private final Tensor output;
  private Tensor upstream;
  private boolean retain;
  private boolean createGraph;
  private int floor;

  private Gradients(Tensor output) {
    this.output = output;
  }

  /** Gradients of {@code output}, a scalar unless {@link #upstream} is given. */
  public static Gradients of(Tensor output) {
    return new Gradients(output);
  }

  /** The gradient of the final scalar with respect to the output, of the output's shape. */
  public Gradients upstream(Tensor gradient) {
    this.upstream = gradient;
    return this;
  }

  /** Keeps the recorded operations, so that they can be walked again. */
  public Gradients retainGraph() {
    this.retain = true;
    return this;
  }

  /**
   * Records the computation of the gradients, so that they can be differentiated; keeps the graph,
   * too.
   */
  public Gradients createGraph() {
    this.createGraph = true;
    return this;
  }

  /** Walks no further back than to this position of the tape. */
  Gradients downTo(int slot) {
    this.floor = slot;
    return this;
  }

  /** The gradient with respect to one tensor: zeros if the output does not depend on it. */
  public Tensor wrt(Tensor input) {
    return wrt(List.of(input)).getFirst();
  }

  /** The gradients with respect to several tensors, in their order and shapes. */
  public List<Tensor> wrt(List<Tensor> inputs) {
    for (Tensor input : inputs) {
      if (!input.requiresGrad()) {
        throw new TalwegException(
            "gradients: " + input + " does not require a gradient; call requireGrad() first");
      }
      output.session().tape().requireRecorded(input);
    }
    GradientSink.Collected sink = new GradientSink.Collected(inputs);
    output.session().tape().walk(output, upstream, sink, floor, retain || createGraph, createGraph);
    List<Tensor> found = new ArrayList<>();
    for (Tensor input : inputs) {
      Tensor gradient = sink.result(input);
      found.add(
          gradient != null ? gradient : input.session().zeros(input.dtype(), input.shape().dims()));
    }
    return found;
  }

  /**
   * The product of the Hessian of a scalar with a vector, without forming the Hessian (Pearlmutter
   * 1994).
   *
   * @param gradient the gradient of the scalar, computed with {@link #createGraph}
   * @param input the tensor that the gradient belongs to
   * @param vector of the input's shape
   */
  public static Tensor hessianVectorProduct(Tensor gradient, Tensor input, Tensor vector) {
    if (!gradient.requiresGrad()) {
      // A constant gradient: the function is linear in the input.
      return input.session().zeros(input.dtype(), input.shape().dims());
    }
    return of(gradient).upstream(vector).retainGraph().wrt(input);
  }

  /**
   * The Hessian of a scalar over the flattened input, as an [n, n] tensor: n Hessian-vector
   * products.
   *
   * @param gradient the gradient of the scalar, computed with {@link #createGraph}
   */
  public static Tensor hessian(Tensor gradient, Tensor input) {
    int n = Math.toIntExact(input.size());
    double[] unit = new double[n];
    Tensor[] rows = new Tensor[n];
    try (Scope scope = input.session().scope("hessian")) {
      for (int i = 0; i < n; i++) {
        unit[i] = 1;
        Tensor vector = input.session().tensor(unit, input.shape().dims()).to(input.dtype());
        rows[i] = hessianVectorProduct(gradient, input, vector).reshape(1, n);
        unit[i] = 0;
      }
      Tensor hessian =
          n == 0 ? input.session().empty(input.dtype(), Shape.of(0, 0)) : Tensor.concat(0, rows);
      return scope.keep(hessian);
    }
  }
}
