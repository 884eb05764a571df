package talweg.cuda.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is wrong with a kernel is found, and told with kernel, block, thread and instruction. */
class InterpreterFaultsTest {
  private final Probe probe = Probe.load();

  private PtxFault fault(int code, Runnable launch) {
    PtxFault fault = assertThrows(PtxFault.class, launch::run);
    assertEquals(code, fault.code(), fault.getMessage());
    return fault;
  }

  @Test
  void accessesOutOfBounds() {
    long p = probe.upload(new float[64]);
    PtxFault fault = fault(CuResult.ILLEGAL_ADDRESS, () -> probe.launch("bad_oob", 64, p, 60));
    assertTrue(
        fault.getMessage().startsWith("bad_oob block (0,0,0) thread 1 at \"st.global."),
        fault.getMessage());
    assertTrue(fault.getMessage().contains("illegal address 0x"), fault.getMessage());
    // The first thread's store was in bounds and took place.
    assertEquals(1, probe.floats(p, 64)[60]);
    PtxFault next = fault(CuResult.ILLEGAL_ADDRESS, () -> probe.launch("bad_oob", 1, p, 64));
    assertTrue(next.getMessage().contains("0 bytes past the end of allocation 1 (256 bytes)"));
  }

  @Test
  void accessesAfterFree() {
    long p = probe.upload(new float[64]);
    probe.launch("bad_oob", 1, p, 0);
    assertTrue(probe.memory().free(p));
    assertFalse(probe.memory().free(p));
    PtxFault fault = fault(CuResult.ILLEGAL_ADDRESS, () -> probe.launch("bad_oob", 1, p, 0));
    assertTrue(fault.getMessage().contains("use after free"), fault.getMessage());
  }

  @Test
  void accessesOutOfSharedMemory() {
    long p = probe.upload(new float[32]);
    probe.launch("bad_shared", 32, p, 0);
    PtxFault fault = fault(CuResult.ILLEGAL_ADDRESS, () -> probe.launch("bad_shared", 32, p, 3));
    assertTrue(fault.getMessage().contains("thread 29 "), fault.getMessage());
    assertTrue(fault.getMessage().contains("shared memory has 128 bytes"), fault.getMessage());
  }

  @Test
  void vectorsThatAreNotAligned() {
    long p = probe.upload(new float[8]);
    PtxFault fault =
        fault(CuResult.MISALIGNED_ADDRESS, () -> probe.launch("bad_alignment", 1, p, p));
    assertTrue(fault.getMessage().contains("is not aligned to 16 bytes"), fault.getMessage());
  }

  @Test
  void barriersThatNotAllReach() {
    long p = probe.upload(new float[64]);
    for (Schedule order : Schedule.values()) {
      probe.schedule = order;
      PtxFault fault = fault(CuResult.LAUNCH_FAILED, () -> probe.launch("bad_divergent", 64, p));
      assertTrue(fault.getMessage().contains("divergent barrier: 57 threads"), fault.getMessage());
    }
  }

  @Test
  void lanesThatWaitForOthersInVain() {
    long p = probe.upload(new float[32]);
    PtxFault fault = fault(CuResult.LAUNCH_FAILED, () -> probe.launch("bad_shuffle", 32, p));
    assertTrue(fault.getMessage().contains("shfl.sync"), fault.getMessage());
    assertTrue(fault.getMessage().contains("do not come"), fault.getMessage());
  }

  @Test
  void loopsWithoutEnd() {
    long p = probe.upload(new int[1]);
    PtxFault fault = fault(CuResult.LAUNCH_TIMEOUT, () -> probe.launch("bad_loop", 32, p));
    assertTrue(fault.getMessage().startsWith("bad_loop block (0,0,0)"), fault.getMessage());
  }

  @Test
  void aMissingBarrierShowsInTheOrderOfThreads() {
    int[] values = IntStream.range(0, 64).toArray();
    int[] expected = IntStream.range(0, 64).map(i -> (i + 1) % 64).toArray();
    int[][] good = new int[3][];
    int[][] bad = new int[3][];
    for (Schedule order : Schedule.values()) {
      probe.schedule = order;
      long p = probe.upload(values);
      long o = probe.upload(new int[64]);
      probe.launch("rotate", 64, p, o);
      good[order.ordinal()] = probe.ints(o, 64);
      probe.launch("bad_race", 64, p, o);
      bad[order.ordinal()] = probe.ints(o, 64);
    }
    for (int[] result : good) {
      assertArrayEquals(expected, result);
    }
    assertFalse(Arrays.equals(bad[1], bad[2]));
    assertFalse(Arrays.equals(expected, bad[0]));
  }

  @Test
  void memoryThatWasNeverWrittenIsNaN() {
    long p = probe.memory().allocate(16);
    assertTrue(Float.isNaN(probe.floats(p, 4)[2]));
  }

  @Test
  void instructionsThatAreNotKnown() {
    Probe unknown = Probe.of("wgmma.fence.sync.aligned.b32 %r1, 0;");
    PtxFault fault = fault(CuResult.INVALID_PTX, () -> unknown.launch("k", 1, 0L));
    assertEquals(
        "k: \"wgmma.fence.sync.aligned.b32 %r1, 0\": unknown instruction", fault.getMessage());
    Probe label = Probe.of("bra.uni $nowhere;");
    assertTrue(
        fault(CuResult.INVALID_PTX, () -> label.launch("k", 1, 0L))
            .getMessage()
            .contains("no label \"$nowhere\""));
    Probe sum = Probe.of("atom.global.add.f32 %f1, [%rd1], %f2;");
    fault(CuResult.INVALID_PTX, () -> sum.launch("k", 1, 0L));
  }

  /** As drivers do that know them, and the version that introduced them. */
  @Test
  void pragmasThatAreNotKnown() {
    Probe.of(".pragma \"nounroll\";").launch("k", 1, 0L);
    assertEquals(
        "k: unknown pragma: expected \"nounroll\", got .pragma \"used_bytes_mask 240\"",
        fault(CuResult.INVALID_PTX, () -> Probe.of(".pragma \"used_bytes_mask 240\";"))
            .getMessage());
    String module = ".version 7.0\n.target sm_75\n.pragma \"frequency 3\";\n.entry k() { ret; }";
    assertEquals(
        "unknown pragma of the module: got .pragma \"frequency 3\"",
        fault(CuResult.INVALID_PTX, () -> PtxParser.parse(module)).getMessage());
  }

  @Test
  void aTrapEndsTheLaunch() {
    Probe trap = Probe.of("mov.u32 %r1, %tid.x; setp.eq.s32 %p1, %r1, 3; @%p1 trap;");
    PtxFault fault = fault(CuResult.LAUNCH_FAILED, () -> trap.launch("k", 8, 0L));
    assertTrue(fault.getMessage().contains("thread 3 at \"@%p1 trap\""), fault.getMessage());
  }

  @Test
  void textThatIsNoPtx() {
    assertThrows(PtxFault.class, () -> PtxParser.parse("\u007fELF"));
  }
}
