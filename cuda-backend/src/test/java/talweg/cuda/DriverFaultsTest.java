package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.error.BackendException;
import talweg.error.CudaException;
import talweg.kernels.KernelManifest;
import talweg.kernels.KernelSignature;
import talweg.kernels.KernelSignature.Parameter;
import talweg.session.Capture;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Calls of the driver that fail, and kernels that go wrong. */
@ExtendWith(SimulatedCuda.class)
class DriverFaultsTest {
  private static final KernelSignature FILL =
      KernelSignature.of("fill_contiguous", Parameter.F64, Parameter.POINTER, Parameter.I64);

  /** Nothing is searched for cuBLAS: sessions are opened hundreds of times here. */
  @BeforeEach
  void useOwnProducts() {
    System.setProperty(ProductProviders.PROPERTY, "own");
  }

  @AfterEach
  void useAnyProducts() {
    System.clearProperty(ProductProviders.PROPERTY);
  }

  /** A bit of everything: copies, kernels, growing working memory, a recorded step. */
  private static float[] work() {
    try (Session session = Session.open("cuda")) {
      Tensor x = session.tensor(new float[] {1, 2, 3, 4}, 2, 2);
      Tensor out = session.zeros(DType.F32, 2, 2);
      Runnable step =
          () -> {
            try (Scope _ = session.scope("step")) {
              out.assign(x.matmul(x).add(x.sum()));
            }
          };
      step.run();
      try (Capture capture = session.capture(step)) {
        x.assign(new double[] {1, 0, 0, 1});
        capture.replay();
        return out.toFloats();
      }
    }
  }

  @Test
  void codeThatTheDriverRefusesIsNamedWithItsReason(SimulatedGpu gpu) {
    String module = KernelManifest.load().entry("fill_contiguous_f32").module();
    gpu.refuse(KernelManifest.ptx(module, 90), "unknown pragma \"used_bytes_mask 240\"");
    CudaException e =
        assertThrows(
            CudaException.class,
            () -> {
              try (Session session = Session.open("cuda")) {
                session.full(DType.F32, 7, 3);
              }
            });
    assertEquals(218, e.code());
    assertTrue(
        e.getMessage().startsWith("cuModuleLoadData of " + module + "_90: "), e.getMessage());
    assertTrue(
        e.getMessage().endsWith("its compiler says: unknown pragma \"used_bytes_mask 240\""),
        e.getMessage());
  }

  /**
   * Each function of the driver fails once, at each of its first calls and at every fourth of the
   * others. The work may fail, with an error of ours, but nothing is left behind, and it succeeds
   * when it is tried again.
   */
  @Test
  void everyCallMayFailOnce(SimulatedGpu gpu) {
    float[] expected = work();
    Map<String, Integer> before = gpu.calls();
    work();
    Map<String, Integer> calls = new TreeMap<>(gpu.calls());
    calls.replaceAll((function, count) -> count - before.getOrDefault(function, 0));
    calls.values().removeIf(count -> count == 0);
    assertTrue(calls.size() > 25, calls::toString);

    int failed = 0;
    for (Map.Entry<String, Integer> function : calls.entrySet()) {
      for (int nth = 1; nth <= function.getValue(); nth += nth < 4 ? 1 : 4) {
        String what = function.getKey() + ", call " + nth + " of " + function.getValue();
        int injected = gpu.injected();
        gpu.fail(function.getKey(), nth, function.getKey().contains("Alloc") ? 2 : 1);
        try {
          assertArrayEquals(expected, work(), what);
        } catch (BackendException e) {
          assertNotNull(e.getMessage(), what);
          failed++;
        }
        assertEquals(injected + 1, gpu.injected(), what);
        assertTrue(gpu.leaks().isEmpty(), () -> what + " leaves " + gpu.leaks());
      }
    }
    assertTrue(failed > 20, "only " + failed + " failures were noticed");
    assertArrayEquals(expected, work());
  }

  private static void goWrong(Device device) {
    device.kernels().launch(FILL, DType.F32, 1, 256).f64(1).pointer(0xbad000L).i64(5).run();
  }

  @Test
  void aKernelThatGoesWrongEndsTheSessionWithOneError(SimulatedGpu gpu) {
    Device device = Device.open(DeviceSpec.DEFAULT);
    DeviceBuffer buffer = device.allocate(DType.F32, 5);
    goWrong(device);
    CudaException first = assertThrows(CudaException.class, device::synchronize);
    assertEquals(700, first.code());
    assertTrue(
        first
            .getMessage()
            .startsWith("cuStreamSynchronize: CUDA_ERROR_ILLEGAL_ADDRESS (700): a kernel that"),
        first.getMessage());
    assertTrue(first.getMessage().contains("-Dtalweg.cuda.sync=true"), first.getMessage());
    assertSame(first, assertThrows(CudaException.class, device::synchronize));
    assertSame(first, assertThrows(CudaException.class, () -> device.allocate(DType.F32, 1)));
    int frees = gpu.calls("cuMemFreeAsync");
    device.release(buffer);
    device.close();
    assertEquals(frees + 1, gpu.calls("cuMemFreeAsync"), "freed twice, or never");
    assertNotNull(gpu.takeFault());
    // The process is as good as new.
    assertArrayEquals(new float[] {3, 2, 2, 3}, work());
  }

  @Test
  void theKernelIsNamedIfAskedFor(SimulatedGpu gpu) {
    System.setProperty(Faults.SYNC_PROPERTY, "true");
    try (Device device = Device.open(DeviceSpec.DEFAULT)) {
      CudaException e = assertThrows(CudaException.class, () -> goWrong(device));
      assertEquals("fill_contiguous_f32", e.kernel());
      assertTrue(
          e.getMessage().startsWith("cuLaunchKernel (kernel fill_contiguous_f32): "),
          e.getMessage());
    } finally {
      System.clearProperty(Faults.SYNC_PROPERTY);
    }
    assertNotNull(gpu.takeFault());
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuLaunchKernel", "cuMemcpyDtoHAsync_v2"})
  void anErrorInTheMiddleIsNotCoveredUpByTheSessionsEnd(String function, SimulatedGpu gpu) {
    CudaException e =
        assertThrows(
            CudaException.class,
            () -> {
              try (Session session = Session.open("cuda")) {
                Tensor x = session.tensor(new float[] {1}, 1);
                gpu.fail(function, 1, 46);
                x.add(x).item();
              }
            });
    assertEquals(46, e.code());
    assertEquals(0, e.getSuppressed().length);
    assertTrue(e.getMessage().contains("the device is lost"), e.getMessage());
  }
}
