package talweg.nn;

import talweg.error.TalwegException;

/**
 * An optimizer's claim on the parameters that it trains. While it stands, no other optimizer may
 * train them; it breaks when a parameter's values are replaced by {@link Module#init} or {@link
 * Module#to}.
 */
public final class Claim {
  private Parameter replaced;
  private boolean released;

  /** Releases the parameters, which others may train then. */
  public void release() {
    released = true;
  }

  boolean stands() {
    return !released && replaced == null;
  }

  void breakAt(Parameter parameter) {
    if (stands()) {
      replaced = parameter;
    }
  }

  /**
   * Refuses a step that would train values that nobody uses.
   *
   * @throws TalwegException after {@link #release}, or naming a parameter whose values were
   *     replaced
   */
  public void requireStanding() {
    if (released) {
      throw new TalwegException("optimizer: it was closed; bind another one to the parameters");
    }
    if (replaced != null) {
      throw new TalwegException(
          "optimizer: the values of parameter %s were replaced (by init or to) after the optimizer was bound; bind it after the model was placed"
              .formatted(replaced.describe()));
    }
  }
}
