package talweg.error;

/** A formula that cannot be read. The message shows the place. */
public class FormulaException extends TalwegException {
  private static final long serialVersionUID = 1L;

  private final int position;

  /**
   * @param position the character of the text, counted from 0, where reading stopped
   */
  public FormulaException(String message, int position) {
    super(message);
    this.position = position;
  }

  /** The character of the text, counted from 0, where reading stopped. */
  public int position() {
    return position;
  }
}
