package talweg.cuda;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Working memory of kernels, one block for each kind of use, as large as was ever asked for. */
final class ScratchMemory {
  private final DeviceMemory memory;
  private final Stream stream;
  private final Map<Device.Scratch, Block> blocks = new EnumMap<>(Device.Scratch.class);

  /** Outgrown, but part of a recording. */
  private final List<Block> recorded = new ArrayList<>();

  private static final class Block {
    private final long address;
    private final long bytes;
    private boolean recorded;

    Block(long address, long bytes) {
      this.address = address;
      this.bytes = bytes;
    }
  }

  ScratchMemory(DeviceMemory memory, Stream stream) {
    this.memory = memory;
    this.stream = stream;
  }

  long address(Device.Scratch slot, long bytes) {
    Block block = blocks.get(slot);
    if (block == null || block.bytes < bytes) {
      block = grow(slot, block, bytes);
    }
    block.recorded |= stream.isCapturing();
    return block.address;
  }

  private Block grow(Device.Scratch slot, Block old, long bytes) {
    long size = old == null ? bytes : Math.max(bytes, 2 * old.bytes);
    Block block = new Block(memory.allocate(size), size);
    blocks.put(slot, block);
    if (old != null && old.recorded) {
      recorded.add(old);
    } else if (old != null) {
      memory.release(old.address);
    }
    return block;
  }

  /** To be called when no recording is left. */
  void forgetRecorded() {
    recorded.forEach(block -> memory.release(block.address));
    recorded.clear();
    blocks.values().forEach(block -> block.recorded = false);
  }
}
