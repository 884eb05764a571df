package talweg.conformance;

import talweg.error.TalwegException;

/**
 * A case asks for something that Talweg does not have: it is skipped, and never counts as passed.
 */
final class NotOffered extends TalwegException {
  private static final long serialVersionUID = 1L;

  NotOffered(String what) {
    super(what + " is not offered yet");
  }
}
