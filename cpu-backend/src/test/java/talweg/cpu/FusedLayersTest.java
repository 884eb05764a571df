package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.autograd.GradCheck;
import talweg.backend.FusedLayersChecks;
import talweg.op.FusedOp;
import talweg.session.Fusion;
import talweg.session.Session;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

class FusedLayersTest extends FusedLayersChecks {
  FusedLayersTest() {
    super(() -> new CpuBackend(DeviceSpec.DEFAULT));
  }

  @ParameterizedTest
  @MethodSource("operations")
  void firstAndSecondDerivativesAgreeWithDifferences(FusedOp op) {
    try (Session session = new Session(new CpuBackend(DeviceSpec.DEFAULT))) {
      List<Tensor> all = operands(session, op, DType.F64);
      List<Tensor> inputs = differentiable(op, all);
      List<Tensor> others = all.subList(inputs.size(), all.size());
      GradCheck.Result first = GradCheck.check(x -> apply(op, x, others), inputs);
      assertTrue(first.passes(1e-6), first::toString);
      GradCheck.Result second = GradCheck.checkSecondOrder(x -> apply(op, x, others), inputs);
      assertTrue(second.passes(1e-6), second::toString);
    }
  }

  private static Tensor apply(FusedOp op, List<Tensor> inputs, List<Tensor> others) {
    Tensor[] all = Stream.concat(inputs.stream(), others.stream()).toArray(Tensor[]::new);
    return Fusion.apply(op, all);
  }
}
