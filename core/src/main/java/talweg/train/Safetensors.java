package talweg.train;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import talweg.error.CheckpointException;
import talweg.tensor.DType;
import talweg.tensor.Tensor;
import tools.jackson.databind.ObjectMapper;

/**
 * Writes models in the safetensors format: 8 bytes of header length, a JSON header (name to dtype,
 * shape, byte range), then the values, little-endian and without gaps.
 */
public final class Safetensors {
  private Safetensors() {}

  /**
   * Writes tensors to a file, which appears complete or not at all.
   *
   * @param metadata text about the model, stored in the header
   * @throws CheckpointException if the file cannot be written
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    Path target = file.toAbsolutePath();
    Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
    try {
      Files.createDirectories(target.getParent());
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
        byte[] header = header(tensors, metadata);
        out.write(
            ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
        out.write(header);
        for (Tensor tensor : tensors.values()) {
          out.write(bytes(tensor));
        }
      }
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new CheckpointException(
          "%s: cannot write the model: %s; is the folder writable and the disk not full?"
              .formatted(file, e),
          e);
    }
  }

  /** The header, padded with spaces to a multiple of 8 bytes, so that the values are aligned. */
  private static byte[] header(Map<String, Tensor> tensors, Map<String, String> metadata) {
    Map<String, Object> entries = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      entries.put("__metadata__", metadata);
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      long end = offset + tensor.size() * tensor.dtype().bytes();
      Map<String, Object> description = new LinkedHashMap<>();
      description.put("dtype", tensor.dtype().name());
      description.put("shape", tensor.shape().dims());
      description.put("data_offsets", new long[] {offset, end});
      entries.put(entry.getKey(), description);
      offset = end;
    }
    byte[] json = new ObjectMapper().writeValueAsString(entries).getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  private static byte[] bytes(Tensor tensor) {
    if (tensor.dtype() != DType.F32 && tensor.dtype() != DType.F64) {
      throw new CheckpointException(
          "safetensors: tensor %s cannot be written yet; expected F32 or F64".formatted(tensor));
    }
    int n = Math.toIntExact(tensor.size());
    ByteBuffer buffer =
        ByteBuffer.allocate(n * tensor.dtype().bytes()).order(ByteOrder.LITTLE_ENDIAN);
    if (tensor.dtype() == DType.F32) {
      buffer.asFloatBuffer().put(tensor.toFloats());
    } else {
      buffer.asDoubleBuffer().put(tensor.toDoubles());
    }
    return buffer.array();
  }
}
