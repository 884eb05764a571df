package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.cuda.sim.DeviceModel;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.error.BackendUnavailableException;
import talweg.error.CudaException;
import talweg.error.OutOfMemoryException;
import talweg.session.Backends;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.spi.DeviceSpec;
import talweg.spi.Finding;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** Opening, memory and copies; that nothing is left behind is checked after each test. */
@ExtendWith(SimulatedCuda.class)
class DeviceTest {
  private static final int MEBIBYTE = 1 << 20;

  private static Device open() {
    return Device.open(DeviceSpec.DEFAULT);
  }

  private static View bytes(DeviceBuffer buffer, int from, int length) {
    return View.contiguous(buffer, from, Shape.of(length));
  }

  @Test
  void opensAgainAfterItWasClosed(SimulatedGpu gpu) {
    for (int i = 0; i < 2; i++) {
      Device device = open();
      device.allocate(DType.F32, 100);
      device.close();
      device.close();
      assertEquals(0, gpu.liveAllocations());
    }
  }

  @Test
  void tellsWhatItIs() {
    try (Device device = open()) {
      assertEquals(
          "Simulated GPU, 256 MiB, compute capability 9.0, driver for CUDA 12.4",
          device.describe());
      assertEquals(90, device.capability());
      assertEquals(4, device.multiprocessors());
    }
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        1,
        7,
        63,
        64,
        2 * MEBIBYTE - 1,
        2 * MEBIBYTE,
        2 * MEBIBYTE + 1,
        8 * MEBIBYTE,
        11 * MEBIBYTE + 3
      })
  void copiesOfAnySizeArrive(int size) {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    byte[] sent = new byte[size];
    new Random(seed).nextBytes(sent);
    byte[] expected = sent.clone();
    try (Device device = open();
        Arena arena = Arena.ofConfined()) {
      DeviceBuffer buffer = device.allocate(DType.U8, size + 5L);
      device.upload(MemorySegment.ofArray(sent), bytes(buffer, 3, size));
      // The source may be changed at once.
      Arrays.fill(sent, (byte) 0);
      byte[] toArray = new byte[size];
      MemorySegment outside = arena.allocate(size);
      device.download(bytes(buffer, 3, size), MemorySegment.ofArray(toArray));
      device.download(bytes(buffer, 3, size), outside);
      assertArrayEquals(expected, toArray);
      assertEquals(-1, outside.mismatch(MemorySegment.ofArray(expected)));
    }
  }

  /** More than the blocks of pinned memory hold, with a device that is as late as it may be. */
  @ParameterizedTest
  @ValueSource(ints = {8 * MEBIBYTE, 8 * MEBIBYTE + 1, 21 * MEBIBYTE + 3})
  void aBlockIsReusedOnlyOnceTheDeviceIsDoneWithIt(int size, SimulatedGpu gpu) {
    byte[] expected = new byte[size];
    new Random(size).nextBytes(expected);
    gpu.defer();
    try (Device device = open()) {
      DeviceBuffer buffer = device.allocate(DType.U8, size);
      device.upload(MemorySegment.ofArray(expected), bytes(buffer, 0, size));
      byte[] back = new byte[size];
      device.download(bytes(buffer, 0, size), MemorySegment.ofArray(back));
      assertArrayEquals(expected, back);
    }
  }

  /** Each upload takes a block of its own, and there are fewer blocks than uploads. */
  @Test
  void manySmallCopiesOfADeviceThatIsLate(SimulatedGpu gpu) {
    int count = 23;
    gpu.defer();
    try (Device device = open()) {
      DeviceBuffer buffer = device.allocate(DType.U8, count);
      byte[] source = new byte[1];
      byte[] expected = new byte[count];
      for (int i = 0; i < count; i++) {
        source[0] = (byte) (100 + i);
        expected[i] = source[0];
        device.upload(MemorySegment.ofArray(source), bytes(buffer, i, 1));
      }
      byte[] back = new byte[count];
      for (int i = 0; i < count; i++) {
        device.download(bytes(buffer, i, 1), MemorySegment.ofArray(back).asSlice(i, 1));
      }
      assertArrayEquals(expected, back);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void outOfMemoryTellsHowMuchAndLeavesTheDeviceUsable(boolean pools, SimulatedGpu gpu) {
    DeviceModel model = DeviceModel.STANDARD.withMemory(64L << 20);
    gpu.become(pools ? model : model.withoutPools());
    try (Device device = open()) {
      DeviceBuffer held = device.allocate(DType.U8, 40L << 20);
      OutOfMemoryException e =
          assertThrows(OutOfMemoryException.class, () -> device.allocate(DType.F32, 10L << 20));
      assertTrue(
          e.getMessage()
              .startsWith(
                  "cuda:0 (Simulated GPU): 40.0 MiB were asked for, 24.0 MiB of 64.0 MiB are free"),
          e.getMessage());
      assertEquals(2, ((CudaException) e.getCause()).code());
      assertEquals(64L << 20, device.memoryBytes());
      device.release(held);
      device.release(device.allocate(DType.F32, 10L << 20));
    }
  }

  @Test
  void aSessionThatRunsOutOfMemoryNamesTheLargestHolders(SimulatedGpu gpu) {
    gpu.become(DeviceModel.STANDARD.withMemory(64L << 20));
    try (Session session = Session.open("cuda")) {
      session.empty(DType.F32, Shape.of(10 << 20)).named("table");
      OutOfMemoryException e =
          assertThrows(
              OutOfMemoryException.class, () -> session.empty(DType.F32, Shape.of(8 << 20)));
      assertTrue(e.getMessage().contains("asked for 32.0 MiB (F32 [8388608])"), e.getMessage());
      assertTrue(e.getMessage().contains("24.0 MiB of 64.0 MiB are free"), e.getMessage());
      assertTrue(e.getMessage().contains("largest holders: table 40.0 MiB"), e.getMessage());
    }
  }

  @Test
  void memoryThatIsOnlyKeptIsGivenBackBeforeGivingUp(SimulatedGpu gpu) {
    try (Device device = open()) {
      gpu.fail("cuMemAllocAsync", 1, 2);
      device.allocate(DType.F32, 10);
      assertEquals(1, gpu.calls("cuMemPoolTrimTo"));
    }
  }

  @Test
  void emptyBuffersHaveAddressesOfTheirOwn() {
    try (Device device = open()) {
      DeviceBuffer one = device.allocate(DType.F32, 0);
      DeviceBuffer two = device.allocate(DType.F32, 0);
      assertNotEquals(one.address(), two.address());
      device.release(one);
      device.release(two);
    }
  }

  @Test
  void scratchGrowsAndSlotsAreApart() {
    try (Device device = open()) {
      long small = device.scratch(Device.Scratch.REDUCTION, 1000);
      assertEquals(small, device.scratch(Device.Scratch.REDUCTION, 900));
      assertNotEquals(small, device.scratch(Device.Scratch.GEMM, 1000));
      long large = device.scratch(Device.Scratch.REDUCTION, 5000);
      assertEquals(large, device.scratch(Device.Scratch.REDUCTION, 5000));
      assertEquals(0, large % 256);
    }
  }

  @Test
  void twoSessionsShareADevice(SimulatedGpu gpu) {
    try (Device one = open()) {
      DeviceBuffer first = one.allocate(DType.U8, 4);
      one.upload(MemorySegment.ofArray(new byte[] {1, 2, 3, 4}), bytes(first, 0, 4));
      try (Device two = open()) {
        two.allocate(DType.U8, 100);
      }
      byte[] back = new byte[4];
      one.download(bytes(first, 0, 4), MemorySegment.ofArray(back));
      assertArrayEquals(new byte[] {1, 2, 3, 4}, back);
    }
    assertEquals(2, gpu.calls("cuDevicePrimaryCtxRelease_v2"));
  }

  @Test
  void everyDeviceOfTheMachineCanBeOpenedInTurnAndSideBySide(SimulatedGpu gpu) {
    gpu.become(DeviceModel.STANDARD.withDevices(2));
    try (Device zero = Device.open(new DeviceSpec(0, 0));
        Device one = Device.open(new DeviceSpec(1, 0))) {
      DeviceBuffer a = zero.allocate(DType.U8, 1);
      DeviceBuffer b = one.allocate(DType.U8, 1);
      zero.upload(MemorySegment.ofArray(new byte[] {5}), bytes(a, 0, 1));
      one.upload(MemorySegment.ofArray(new byte[] {6}), bytes(b, 0, 1));
      byte[] back = new byte[1];
      zero.download(bytes(a, 0, 1), MemorySegment.ofArray(back));
      assertEquals(5, back[0]);
    }
  }

  @Test
  void anyThreadMayBeTheFirstToUseAKernel() throws InterruptedException {
    try (Device device = open()) {
      View view = bytes(device.allocate(DType.U8, 5), 0, 5);
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread thread = new Thread(() -> new Elementwise(device).fill(view, 7));
      thread.setUncaughtExceptionHandler((_, e) -> failure.set(e));
      thread.start();
      thread.join();
      assertNull(failure.get());
      byte[] back = new byte[5];
      device.download(view, MemorySegment.ofArray(back));
      assertArrayEquals(new byte[] {7, 7, 7, 7, 7}, back);
    }
  }

  @Test
  void aDeviceThatIsNotThereIsRefusedWithThoseThatAre(SimulatedGpu gpu) {
    gpu.become(DeviceModel.STANDARD.withDevices(2));
    BackendUnavailableException e =
        assertThrows(BackendUnavailableException.class, () -> Backends.open("cuda:2").close());
    assertEquals(
        "cuda:2: there is no such device; found 2: cuda:0 (Simulated GPU), cuda:1 (Simulated GPU)",
        e.getMessage());
  }

  @Test
  void aMachineWithoutDevicesSaysSo(SimulatedGpu gpu) {
    gpu.become(DeviceModel.STANDARD.withDevices(0));
    String reason = new CudaProvider().unavailableReason().orElseThrow();
    assertTrue(reason.startsWith("no CUDA device: "), reason);
    assertTrue(reason.contains("CUDA_VISIBLE_DEVICES"), reason);
  }

  @Test
  void anOldDriverIsRefusedWithBothVersions(SimulatedGpu gpu) {
    gpu.become(DeviceModel.STANDARD.withDriver(10_020));
    String reason = new CudaProvider().unavailableReason().orElseThrow();
    assertTrue(
        reason.startsWith("NVIDIA driver too old: it is for CUDA 10.2, but CUDA 11.4 is needed"),
        reason);
  }

  @Test
  void anOldArchitectureIsRefused(SimulatedGpu gpu) {
    gpu.become(DeviceModel.STANDARD.withCapability(61));
    CudaProvider provider = new CudaProvider();
    String reason = provider.unavailableReason().orElseThrow();
    assertTrue(reason.contains("has compute capability 6.1, but the kernels need 7.5"), reason);
    assertEquals(
        reason,
        assertThrows(
                BackendUnavailableException.class, () -> provider.open(DeviceSpec.DEFAULT).close())
            .getMessage());
  }

  @Test
  void autoTakesTheDeviceAndGoesOnWhereItCannotBeOpened(SimulatedGpu gpu) {
    try (Backend backend = Backends.open("auto")) {
      assertEquals("cuda", backend.name());
    }
    gpu.fail("cuDevicePrimaryCtxRetain", 1, 2);
    try (Backend backend = Backends.open("auto")) {
      assertEquals("cpu", backend.name());
    }
    gpu.fail("cuDevicePrimaryCtxRetain", 1, 2);
    BackendUnavailableException named =
        assertThrows(BackendUnavailableException.class, () -> Backends.open("cuda").close());
    assertTrue(
        named
            .getMessage()
            .startsWith(
                "cuda:0 cannot be opened: cuDevicePrimaryCtxRetain: CUDA_ERROR_OUT_OF_MEMORY (2)"),
        named.getMessage());
  }

  @Test
  void theDoctorIsToldOfEachPart(SimulatedGpu gpu) {
    gpu.become(DeviceModel.STANDARD.withDevices(2));
    List<Finding> findings = new CudaProvider().findings();
    List<String> usable = findings.stream().filter(Finding::usable).map(Finding::part).toList();
    assertTrue(
        usable.containsAll(List.of("driver", "JCuda", "cuda:0", "cuda:1", "products")),
        findings::toString);
  }
}
