package talweg.train;

import talweg.error.CheckpointException;

/**
 * A checkpoint of a format that this version does not know yet. It is not damaged: to resume from
 * an older one beside it would lose work.
 */
final class NewerCheckpointException extends CheckpointException {
  private static final long serialVersionUID = 1L;

  NewerCheckpointException(String message) {
    super(message);
  }
}
