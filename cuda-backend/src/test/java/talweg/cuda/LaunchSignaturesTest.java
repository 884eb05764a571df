package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import talweg.kernels.KernelManifest;
import talweg.kernels.KernelSignature;
import talweg.tensor.DType;

/** Launchers declare their kernels in static fields; what they declare must be what is shipped. */
class LaunchSignaturesTest {
  private final KernelManifest manifest = KernelManifest.load();

  @Test
  void everyLauncherPassesWhatItsKernelTakes() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (KernelSignature signature : signatures()) {
      List<KernelManifest.Entry> entries = entries(signature);
      if (entries.isEmpty()) {
        wrong.add(signature.name() + ": no such kernel");
      }
      for (KernelManifest.Entry entry : entries) {
        if (!entry.accepts(signature)) {
          wrong.add(entry + " is launched as " + signature);
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void everyKernelHasALauncher() throws Exception {
    Set<String> unused = new TreeSet<>();
    manifest.entries().forEach(entry -> unused.add(entry.name()));
    for (KernelSignature signature : signatures()) {
      entries(signature).forEach(entry -> unused.remove(entry.name()));
    }
    assertEquals(Set.of(), unused);
  }

  /** The kernel of that very name, or those of all element types. */
  private List<KernelManifest.Entry> entries(KernelSignature signature) {
    List<KernelManifest.Entry> found = new ArrayList<>();
    List<String> names = new ArrayList<>(List.of(signature.name()));
    for (DType dtype : DType.values()) {
      names.add(signature.name() + "_" + Kernels.suffix(dtype));
    }
    for (String name : names) {
      KernelManifest.Entry entry = manifest.entry(name);
      if (entry != null) {
        found.add(entry);
      }
    }
    return found;
  }

  /** From the static fields of all classes of the backend, alone or in collections. */
  private static List<KernelSignature> signatures()
      throws IOException, URISyntaxException, ReflectiveOperationException {
    Path classes =
        Path.of(CudaBackend.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<KernelSignature> found = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> list = Files.list(classes.resolve("talweg/cuda"))) {
      files = list.filter(file -> file.toString().endsWith(".class")).toList();
    }
    for (Path file : files) {
      String name = String.valueOf(file.getFileName()).replaceFirst("\\.class$", "");
      if (!name.equals("package-info")) {
        collect(
            Class.forName("talweg.cuda." + name, false, CudaBackend.class.getClassLoader()), found);
      }
    }
    assertFalse(found.isEmpty());
    return found;
  }

  private static void collect(Class<?> type, List<KernelSignature> found)
      throws ReflectiveOperationException {
    for (Field field : type.getDeclaredFields()) {
      Class<?> kind = field.getType();
      boolean mayHold =
          kind == KernelSignature.class
              || kind == KernelSignature[].class
              || Map.class.isAssignableFrom(kind)
              || Collection.class.isAssignableFrom(kind);
      if (Modifier.isStatic(field.getModifiers()) && mayHold) {
        field.setAccessible(true);
        collect(field.get(null), found);
      }
    }
  }

  private static void collect(Object value, List<KernelSignature> found) {
    switch (value) {
      case KernelSignature signature -> found.add(signature);
      case KernelSignature[] signatures -> found.addAll(List.of(signatures));
      case Map<?, ?> map -> map.values().forEach(entry -> collect(entry, found));
      case Collection<?> collection -> collection.forEach(entry -> collect(entry, found));
      case null, default -> {
        // A constant of another kind.
      }
    }
  }
}
