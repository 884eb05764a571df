package talweg.error;

/** A training is to go on, but with other data than it was started with. */
public class DataMismatchException extends CheckpointException {
  private static final long serialVersionUID = 1L;

  public DataMismatchException(String message) {
    super(message);
  }
}
