package talweg.kernels;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is shipped: every entry point with its module and its parameters, and the modules' code for
 * each architecture. Read from {@code manifest.txt}, which is written beside the code when that is
 * compiled and has one line for each entry: module, entry, types of the parameters, structures with
 * their size.
 */
public final class KernelManifest {
  private static final String INDEX = "manifest.txt";

  /** Architectures that code is shipped for, ascending; each also runs on all later devices. */
  private static final List<Integer> ARCHITECTURES = List.of(75, 80, 90);

  private final Map<String, Entry> entries;

  /**
   * One entry point.
   *
   * @param name its full name, with the element type
   * @param module what {@link #ptx} loads it from
   * @param parameters their types, as declared in the source
   * @param sizes their sizes in bytes, as in the compiled code
   */
  public record Entry(
      String name, String module, List<KernelSignature.Parameter> parameters, List<Integer> sizes) {
    public Entry {
      parameters = List.copyOf(parameters);
      sizes = List.copyOf(sizes);
    }

    /** Whether a launch with this signature passes what the kernel takes. */
    public boolean accepts(KernelSignature signature) {
      return signature.parameters().equals(parameters);
    }
  }

  private KernelManifest(Map<String, Entry> entries) {
    this.entries = Collections.unmodifiableMap(entries);
  }

  /** Reads the manifest that is shipped. */
  public static KernelManifest load() {
    try (InputStream in = resource(INDEX)) {
      return new KernelManifest(parse(in));
    } catch (IOException e) {
      throw new UncheckedIOException("kernels: cannot read " + INDEX, e);
    }
  }

  /** The entry of this full name, or null if none is shipped. */
  public Entry entry(String name) {
    return entries.get(name);
  }

  /** All entries by name. */
  public Collection<Entry> entries() {
    return entries.values();
  }

  /** Architectures that code is shipped for, ascending, e.g. 75. */
  public static List<Integer> architectures() {
    return ARCHITECTURES;
  }

  /**
   * The best of {@link #architectures} for a device.
   *
   * @param capability its compute capability as one number, e.g. 89
   * @return 0 if the device is older than all of them
   */
  public static int architectureFor(int capability) {
    int best = 0;
    for (int architecture : ARCHITECTURES) {
      best = architecture <= capability ? architecture : best;
    }
    return best;
  }

  /** Code of a module for one of {@link #architectures}, as text that the driver compiles. */
  public static String ptx(String module, int architecture) {
    String name = module + "_" + architecture + ".ptx";
    try (InputStream in = resource(name)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException("kernels: cannot read " + name, e);
    }
  }

  private static InputStream resource(String name) throws IOException {
    InputStream in = KernelManifest.class.getResourceAsStream(name);
    if (in == null) {
      throw new IOException("no resource talweg/kernels/" + name);
    }
    return in;
  }

  private static Map<String, Entry> parse(InputStream in) throws IOException {
    Map<String, Entry> entries = new TreeMap<>();
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      String[] words = line.split(" ", -1);
      List<KernelSignature.Parameter> parameters = new ArrayList<>();
      List<Integer> sizes = new ArrayList<>();
      for (int i = 2; i < words.length; i++) {
        String[] typeAndSize = words[i].split(":", 2);
        KernelSignature.Parameter type = KernelSignature.Parameter.valueOf(typeAndSize[0]);
        parameters.add(type);
        sizes.add(typeAndSize.length == 1 ? type.bytes() : Integer.parseInt(typeAndSize[1]));
      }
      entries.put(words[1], new Entry(words[1], words[0], parameters, sizes));
    }
    return entries;
  }
}
