package talweg.cli;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes small IDX files. */
final class TestIdx {
  private TestIdx() {}

  /** A pair of images of 4 x 4 pixels that show their class, and labels. */
  static Path write(Path folder, String name, int images, int classes) throws IOException {
    return write(folder, name, images, classes, 4);
  }

  static Path write(Path folder, String name, int images, int classes, int side)
      throws IOException {
    Files.createDirectories(folder);
    try (DataOutputStream pixels =
            new DataOutputStream(
                Files.newOutputStream(folder.resolve(name + "-images-idx3-ubyte")));
        DataOutputStream labels =
            new DataOutputStream(
                Files.newOutputStream(folder.resolve(name + "-labels-idx1-ubyte")))) {
      for (int value : new int[] {0x803, images, side, side}) {
        pixels.writeInt(value);
      }
      labels.writeInt(0x801);
      labels.writeInt(images);
      for (int i = 0; i < images; i++) {
        labels.writeByte(i % classes);
        for (int p = 0; p < side * side; p++) {
          pixels.writeByte((p % classes == i % classes ? 200 : 10) + (i * p) % 40);
        }
      }
    }
    return folder;
  }
}
