package talweg.cuda;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import talweg.cuda.TwinBackends.Twin;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.op.RandomKind;
import talweg.spi.StepState;
import talweg.tensor.DType;

@ExtendWith(SimulatedCuda.class)
class RandomKernelsTest {
  @Test
  void drawsAreThoseOfTheSpecification(SimulatedGpu gpu) {
    try (TwinBackends twins = new TwinBackends(gpu)) {
      for (RandomKind kind : RandomKind.values()) {
        for (DType dtype : new DType[] {DType.F32, DType.F64}) {
          for (int offset = 0; offset < 3; offset++) {
            Twin state = twins.dense(DType.F64, 0, StepState.LENGTH);
            Twin out = twins.dense(dtype, offset, 301 - offset);
            long seed = twins.random.nextLong();
            int site = twins.random.nextInt();
            double counter = twins.random.nextLong(1L << 40);
            twins.fill(state, i -> i == StepState.RANDOM ? counter : -1);
            twins.run(
                (backend, side) -> backend.random(kind, seed, site, side.of(state), side.of(out)));
            // The logarithm, sine and cosine of the device differ from Java's in the last bit of a
            // double.
            double ulps = kind == RandomKind.NORMAL && dtype == DType.F64 ? 6 : 0;
            twins.assertClose(out, ulps, 0, kind.toString());
          }
        }
      }
    }
  }
}
