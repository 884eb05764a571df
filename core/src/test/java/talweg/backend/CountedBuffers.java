package talweg.backend;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.tensor.DType;

/**
 * Counts the buffers that are taken from a backend and returned to it: what is deterministic about
 * the memory of a training, on any machine.
 */
public final class CountedBuffers {
  private final Backend backend;
  private long allocations;
  private long live;
  private long liveBytes;

  public CountedBuffers(Backend counted) {
    backend =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (_, method, arguments) -> call(counted, method, arguments));
  }

  private Object call(Backend counted, Method method, Object... arguments) throws Throwable {
    Object result;
    try {
      result = method.invoke(counted, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    switch (method.getName()) {
      case "allocate" -> {
        allocations++;
        live++;
        liveBytes += (long) arguments[1] * ((DType) arguments[0]).bytes();
      }
      case "release" -> {
        Buffer buffer = (Buffer) arguments[0];
        live--;
        liveBytes -= buffer.length() * buffer.dtype().bytes();
      }
      default -> {}
    }
    return result;
  }

  /** The backend whose buffers are counted. */
  public Backend backend() {
    return backend;
  }

  /** Buffers that were taken so far. */
  public long allocations() {
    return allocations;
  }

  /** Buffers that were taken and not returned. */
  public long live() {
    return live;
  }

  /** Bytes in them. */
  public long liveBytes() {
    return liveBytes;
  }
}
