package talweg.data;

/**
 * A table, split and encoded with what its training rows hold.
 *
 * @param split standardized examples
 * @param encoding how further tables are encoded alike
 */
public record CsvSplit(Split split, TableEncoding encoding) {}
