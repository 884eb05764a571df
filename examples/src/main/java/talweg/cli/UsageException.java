package talweg.cli;

import talweg.error.TalwegException;

/** Flags that are each well-formed but do not fit together or to the data. */
final class UsageException extends TalwegException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
