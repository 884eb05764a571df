package talweg.cuda.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A module on the device: its variables have memory, its kernels are decoded when asked for. */
final class LoadedModule {
  private final PtxModule module;
  private final DeviceMemory memory;
  private final List<Region> variables = new ArrayList<>();
  private final Map<String, Long> addresses = new HashMap<>();
  private final Map<String, Kernel> kernels = new HashMap<>();

  LoadedModule(PtxModule module, DeviceMemory memory) {
    this.module = module;
    this.memory = memory;
    for (PtxVariable variable : module.variables().values()) {
      if (variable.space().equals("shared")) {
        continue;
      }
      Region region = memory.reserve("variable " + variable.name(), variable.bytes());
      byte[] initial = variable.initial() != null ? variable.initial() : new byte[0];
      java.util.Arrays.fill(region.data(), (byte) 0);
      System.arraycopy(initial, 0, region.data(), 0, initial.length);
      variables.add(region);
      addresses.put(variable.name(), region.base());
    }
  }

  /** All kernels by name, decoded or not. */
  List<String> names() {
    return module.functions().values().stream()
        .filter(PtxFunction::entry)
        .map(PtxFunction::name)
        .toList();
  }

  boolean has(String name) {
    return names().contains(name);
  }

  Kernel kernel(String name) {
    return kernels.computeIfAbsent(name, key -> Decoder.decode(module, key, addresses));
  }

  void unload() {
    variables.forEach(memory::dismiss);
  }
}
