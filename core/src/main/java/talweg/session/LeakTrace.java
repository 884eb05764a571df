package talweg.session;

/**
 * Creation stacks of scopes, kept only under {@code -Dtalweg.leaks=trace} because walking a stack
 * is slow.
 */
final class LeakTrace {
  private static final boolean ENABLED = "trace".equals(System.getProperty("talweg.leaks"));

  private LeakTrace() {}

  static StackTraceElement[] capture() {
    return ENABLED ? Thread.currentThread().getStackTrace() : null;
  }

  static String describe(StackTraceElement[] trace) {
    if (trace == null) {
      return ENABLED ? "" : " (run with -Dtalweg.leaks=trace to see where it was opened)";
    }
    StringBuilder text = new StringBuilder("\nopened at:");
    // The first frames are getStackTrace, capture, the constructor and Session.scope itself.
    for (int i = 4; i < trace.length; i++) {
      text.append("\n    ").append(trace[i]);
    }
    return text.toString();
  }
}
