package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jcuda.driver.CUresult;
import org.junit.jupiter.api.Test;
import talweg.error.CudaException;

class FaultsTest {
  private final Faults faults = new Faults();

  @Test
  void anErrorTellsTheCallTheCodeAndTheKernel() {
    CudaException e = faults.failed(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, "cuLaunchKernel", "relu");
    assertEquals("cuLaunchKernel", e.call());
    assertEquals("relu", e.kernel());
    assertEquals(700, e.code());
    assertTrue(
        e.getMessage()
            .startsWith("cuLaunchKernel (kernel relu): CUDA_ERROR_ILLEGAL_ADDRESS (700): "),
        e.getMessage());
    assertFalse(e.getMessage().contains(Faults.SYNC_PROPERTY), e.getMessage());
  }

  @Test
  void anErrorWithoutAKernelSaysHowToHaveItNamed() {
    CudaException e = faults.failed(CUresult.CUDA_ERROR_LAUNCH_FAILED, "cuStreamSynchronize", null);
    assertNull(e.kernel());
    assertTrue(e.getMessage().contains("-Dtalweg.cuda.sync=true"), e.getMessage());
  }

  @Test
  void theFirstFatalErrorStaysTheError() {
    CudaException first = faults.failed(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, "a", null);
    assertTrue(faults.isFatal());
    assertSame(first, faults.failed(CUresult.CUDA_ERROR_INVALID_VALUE, "b", null));
    assertSame(first, assertThrows(CudaException.class, faults::requireUsable));
    assertSame(first, assertThrows(CudaException.class, () -> faults.check("c", () -> {})));
  }

  @Test
  void otherErrorsLeaveTheDeviceUsable() {
    faults.failed(CUresult.CUDA_ERROR_OUT_OF_MEMORY, "cuMemAlloc", null);
    assertFalse(faults.isFatal());
    faults.requireUsable();
    faults.check("cuCtxSynchronize", () -> {});
  }

  @Test
  void exceptionsOfJCudaKeepTheirCode() {
    CudaException e =
        assertThrows(
            CudaException.class,
            () ->
                faults.check(
                    "cuStreamCreate",
                    () -> {
                      throw new jcuda.CudaException("CUDA_ERROR_INVALID_CONTEXT");
                    }));
    assertEquals(CUresult.CUDA_ERROR_INVALID_CONTEXT, e.code());
    assertEquals("cuStreamCreate", e.call());
  }
}
