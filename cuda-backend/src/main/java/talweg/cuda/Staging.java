package talweg.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/**
 * Moves data between host and device through a few blocks of pinned memory, so that the device
 * copies one while the host fills or empties another. Java's arrays are never handed to the driver:
 * it would hold up the collector for as long as it copies.
 */
final class Staging implements AutoCloseable {
  private static final int SLOTS = 4;

  private final Driver driver;
  private final Faults faults;
  private final Stream stream;
  private final long slotBytes;
  private final Slot[] slots = new Slot[SLOTS];
  private int next;

  /** A block, and the event that tells when the device is done with it. */
  private record Slot(MemorySegment memory, Handles.Event done) {}

  Staging(Driver driver, Faults faults, Stream stream, long slotBytes) {
    this.driver = driver;
    this.faults = faults;
    this.stream = stream;
    this.slotBytes = slotBytes;
  }

  /**
   * Copies to the device. Returns when the source may be changed, not when it has arrived.
   *
   * @param stream whose work the copy becomes
   */
  void upload(MemorySegment source, long address, Stream stream) {
    long size = source.byteSize();
    for (long at = 0; at < size; at += slotBytes) {
      long part = Math.min(slotBytes, size - at);
      Slot slot = take();
      stream.await(slot.done);
      copyBytes(source, at, slot.memory, 0, part);
      stream.copyToDevice(address + at, slot.memory.address(), part);
      stream.record(slot.done);
    }
  }

  /** Copies to the host, after all work issued so far. */
  void download(long address, MemorySegment target) {
    long size = target.byteSize();
    Slot[] pending = new Slot[SLOTS];
    long arrived = 0;
    for (long at = 0; arrived < size; at += slotBytes) {
      // The device is as many blocks ahead as there are.
      if (at >= SLOTS * slotBytes || at >= size) {
        int oldest = (int) (arrived / slotBytes % SLOTS);
        long part = Math.min(slotBytes, size - arrived);
        stream.await(pending[oldest].done);
        copyBytes(pending[oldest].memory, 0, target, arrived, part);
        arrived += part;
      }
      if (at < size) {
        Slot slot = take();
        stream.copyToHost(slot.memory.address(), address + at, Math.min(slotBytes, size - at));
        stream.record(slot.done);
        pending[(int) (at / slotBytes % SLOTS)] = slot;
      }
    }
  }

  private Slot take() {
    int index = next;
    next = (next + 1) % SLOTS;
    if (slots[index] == null) {
      slots[index] = open();
    }
    return slots[index];
  }

  private Slot open() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(JAVA_LONG);
      faults.check(driver.allocateHost(result.address(), slotBytes), "cuMemHostAlloc");
      MemorySegment memory = pinned(result.get(JAVA_LONG, 0));
      Handles.Event done = new Handles.Event();
      try {
        faults.check(
            "cuEventCreate",
            () -> JCudaDriver.cuEventCreate(done, CUevent_flags.CU_EVENT_DISABLE_TIMING));
      } catch (RuntimeException e) {
        driver.freeHost(memory.address());
        throw e;
      }
      return new Slot(memory, done);
    }
  }

  @SuppressWarnings("restricted") // the driver's memory, of this size
  private MemorySegment pinned(long address) {
    return MemorySegment.ofAddress(address).reinterpret(slotBytes);
  }

  /**
   * The form of copy that takes a layout: compiled by C2 of JDK 25.0.3, the shorter form loses
   * elements of copies below 64 bytes.
   */
  private static void copyBytes(
      MemorySegment source, long from, MemorySegment target, long to, long bytes) {
    MemorySegment.copy(source, JAVA_BYTE, from, target, JAVA_BYTE, to, bytes);
  }

  @Override
  public void close() {
    for (Slot slot : slots) {
      if (slot != null) {
        Faults.ignore(() -> JCudaDriver.cuEventDestroy(slot.done));
        driver.freeHost(slot.memory.address());
      }
    }
  }
}
