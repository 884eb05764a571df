package talweg.cli;

import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * While it is open, SIGINT (Ctrl-C), SIGTERM and SIGHUP (the terminal was closed) ask for an
 * orderly end; a second one ends the process at once.
 *
 * <p>A hang-up that the process was started to ignore, as by nohup, stays ignored: the JVM installs
 * no handler for it then.
 *
 * <p>Only sun.misc.Signal of the JDK's module jdk.unsupported tells of a second signal. It is found
 * by reflection, as the compiler warns of it whatever it is told. Without it, or where the JVM was
 * told to leave signals alone (-Xrs), they end the process as ever.
 */
final class StopSignals implements AutoCloseable {
  /** A shell's exit code for a process that a signal ended is this much and its number. */
  private static final int BY_SIGNAL = 128;

  private static final List<String> NAMES = List.of("INT", "TERM", "HUP");

  private final Runnable stop;
  private final PrintStream people;
  private final Map<Object, Object> before = new LinkedHashMap<>();
  private Method handle;
  private volatile int received;

  /**
   * Begins to listen.
   *
   * @param stop called by the first signal, on a thread of the JVM
   */
  StopSignals(Runnable stop, PrintStream people) {
    this.stop = stop;
    this.people = people;
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Method number = type.getMethod("getNumber");
      handle = type.getMethod("handle", type, handlerType);
      Object handler =
          Proxy.newProxyInstance(
              handlerType.getClassLoader(),
              new Class<?>[] {handlerType},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  onSignal((int) number.invoke(arguments[0]));
                  return null;
                }
                return method.invoke(this, arguments);
              });
      for (String name : NAMES) {
        Object signal = type.getConstructor(String.class).newInstance(name);
        before.put(signal, handle.invoke(null, signal, handler));
      }
    } catch (ReflectiveOperationException e) {
      // No such module, or -Xrs.
    }
  }

  private void onSignal(int number) {
    int code = BY_SIGNAL + number;
    if (received != 0) {
      Runtime.getRuntime().halt(code);
    }
    received = code;
    people.printf(
        "talweg: signal %d: ending after this step; a second signal ends at once%n", number);
    stop.run();
  }

  /** 130 after SIGINT, 143 after SIGTERM, 129 after SIGHUP, 0 if there was none. */
  int exitCode() {
    return received;
  }

  /** Puts back what was in force before. */
  @Override
  public void close() {
    before.forEach((signal, handler) -> {
      try {
        handle.invoke(null, signal, handler);
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException("signals: cannot put back the handler", e);
      }
    });
  }
}
