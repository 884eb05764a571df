package talweg.cuda.sim;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Takes driver calls to one device, after the rules that hold for all of them. */
final class Dispatch {
  static final List<Class<?>> FAMILIES =
      List.of(DeviceCalls.class, MemoryCalls.class, ModuleCalls.class, StreamCalls.class);

  /** First calls of a function during which the garbage is collected, if that is asked for. */
  private static final int COLLECTED_CALLS = 2;

  private final SimulatedGpu gpu;
  private final Map<Class<?>, Object> families = new HashMap<>();

  Dispatch(SimulatedGpu gpu) {
    this.gpu = gpu;
    for (Object family :
        List.of(
            new DeviceCalls(gpu),
            new MemoryCalls(gpu),
            new ModuleCalls(gpu),
            new StreamCalls(gpu))) {
      families.put(family.getClass(), family);
    }
  }

  int call(Method method, Object[] arguments) throws Throwable {
    Rule rule = method.getAnnotation(Rule.class);
    int injected = gpu.faults.enter(method.getName());
    if (gpu.collecting() && gpu.faults.count(method.getName()) <= COLLECTED_CALLS) {
      System.gc();
    }
    if (injected != 0 && !rule.failsAfterwards()) {
      return injected;
    }
    int code = checked(method, rule, arguments);
    return injected != 0 ? injected : code;
  }

  private int checked(Method method, Rule rule, Object[] arguments) throws Throwable {
    if (rule.context() && gpu.currentContext.get() == 0) {
      gpu.noteError(method.getName() + ": no context is current on this thread");
      return CuResult.INVALID_CONTEXT;
    }
    if (rule.context() && gpu.sticky() != 0) {
      return gpu.sticky();
    }
    if (rule.whileCapturing() != 0 && gpu.capturing()) {
      gpu.invalidateCaptures();
      gpu.noteError(method.getName() + ": not while a stream captures");
      return rule.whileCapturing();
    }
    try {
      return (int) method.invoke(families.get(method.getDeclaringClass()), arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof CuError error) {
        gpu.noteError(method.getName() + ": " + error.getMessage());
        return error.code();
      }
      throw e.getCause();
    }
  }
}
