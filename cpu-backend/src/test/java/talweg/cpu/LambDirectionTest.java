package talweg.cpu;

import org.junit.jupiter.api.Nested;
import talweg.backend.FusedUpdatesChecks;
import talweg.spi.DeviceSpec;

/** LAMB as it runs on large models, whose direction is computed twice rather than kept. */
class LambDirectionTest {
  private static final long NONE_KEPT = 0;

  @Nested
  class OnVectorLoops extends FusedUpdatesChecks {
    OnVectorLoops() {
      super(() -> new CpuBackend(DeviceSpec.DEFAULT, VectorLookup.isUsable(), NONE_KEPT));
    }
  }

  @Nested
  class OnScalarLoops extends FusedUpdatesChecks {
    OnScalarLoops() {
      super(() -> new CpuBackend(DeviceSpec.DEFAULT, false, NONE_KEPT));
    }
  }
}
