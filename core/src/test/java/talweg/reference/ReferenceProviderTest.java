package talweg.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import talweg.error.BackendException;
import talweg.error.BackendUnavailableException;
import talweg.op.FusedCall;
import talweg.spi.Backend;
import talweg.spi.DeviceSpec;

class ReferenceProviderTest {
  private final ReferenceProvider provider = new ReferenceProvider();

  @Test
  void isAlwaysAvailableButNeverChosenUnasked() {
    assertEquals("reference", provider.name());
    assertEquals(Optional.empty(), provider.unavailableReason());
    assertTrue(provider.rank() < 0);
    try (Backend backend = provider.open(DeviceSpec.DEFAULT)) {
      assertEquals("reference", backend.name());
      assertFalse(backend.device().isBlank());
    }
  }

  @Test
  void hasOneDevice() {
    BackendUnavailableException e =
        assertThrows(BackendUnavailableException.class, () -> provider.open(new DeviceSpec(2, 0)));
    assertTrue(e.getMessage().contains("found device index 2, expected 0"), e.getMessage());
  }

  @Test
  void offersNoFusedCalls() {
    try (Backend backend = provider.open(DeviceSpec.DEFAULT)) {
      assertFalse(backend.supports(FusedCall.MeasureGradients.class));
      FusedCall call = new FusedCall.MeasureGradients(null, null, 0, 0, null, null);
      assertThrows(BackendException.class, () -> backend.run(call));
    }
  }
}
