package talweg.data;

/** What a table's target column is to be predicted as. */
public enum Task {
  /** Classes or numbers, decided from the column's values. */
  AUTO,
  /** One of several classes. */
  CLASSIFY,
  /** A number. */
  REGRESS
}
