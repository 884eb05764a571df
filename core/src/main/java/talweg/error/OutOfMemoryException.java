package talweg.error;

/** A device has no room for a tensor, or a session's memory budget does not allow it. */
public class OutOfMemoryException extends BackendException {
  private static final long serialVersionUID = 1L;

  private final String facts;

  /**
   * An error that says what happened and what to do.
   *
   * @param facts who asked for how much, and what there is
   */
  public OutOfMemoryException(String facts, String advice, Throwable cause) {
    super(facts + "; " + advice, cause);
    this.facts = facts;
  }

  /** The same error with better advice, from code that knows more of what was being done. */
  public OutOfMemoryException advising(String advice) {
    return new OutOfMemoryException(facts, advice, this);
  }
}
