package talweg.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import talweg.error.BackendException;
import talweg.error.BackendUnavailableException;
import talweg.op.FusedCall;
import talweg.spi.Backend;
import talweg.spi.DeviceSpec;
import talweg.spi.Precision;

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
  void multipliesInTrueFp32Only() {
    for (Precision rounded : List.of(Precision.TF32, Precision.BF16)) {
      DeviceSpec spec = new DeviceSpec(0, 0, rounded);
      String message =
          assertThrows(BackendUnavailableException.class, () -> provider.open(spec)).getMessage();
      assertTrue(message.contains(rounded.name().toLowerCase(Locale.ROOT)), message);
      assertTrue(message.contains("fp32 only"), message);
    }
  }

  @Test
  void offersNoFusedCalls() {
    try (Backend backend = provider.open(DeviceSpec.DEFAULT)) {
      assertFalse(backend.supports(FusedCall.SoftmaxCrossEntropy.class));
      FusedCall call = new FusedCall.SoftmaxCrossEntropy(null, null, 0, null);
      assertThrows(BackendException.class, () -> backend.run(call));
    }
  }
}
