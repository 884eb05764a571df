package talweg.cuda.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.kernels.KernelManifest;

/** The interpreter knows every instruction of every kernel that is shipped. */
class ShippedKernelsTest {
  @ParameterizedTest
  @ValueSource(ints = {75, 80, 90})
  void allOfThemCanBeRun(int architecture) {
    Set<String> modules = new TreeSet<>();
    KernelManifest.load().entries().forEach(entry -> modules.add(entry.module()));
    List<String> unknown = new ArrayList<>();
    int known = 0;
    for (String name : modules) {
      PtxModule text = parse(name, architecture);
      LoadedModule module = new LoadedModule(text, new DeviceMemory(1 << 20));
      for (String kernel : module.names()) {
        try {
          module.kernel(kernel);
          known++;
        } catch (PtxFault fault) {
          unknown.add(name + ": " + fault.getMessage());
        }
      }
    }
    System.out.printf(
        "sm_%d: %d kernels can be run, not known: %s%n", architecture, known, unknown);
    assertEquals(List.of(), unknown);
    assertTrue(known >= KernelManifest.load().entries().size() / 2, () -> "only " + modules);
  }

  private static PtxModule parse(String name, int architecture) {
    try {
      return PtxParser.parse(KernelManifest.ptx(name, architecture));
    } catch (PtxFault fault) {
      throw fault.at(name + "_" + architecture);
    }
  }
}
