package talweg.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import talweg.error.DataFormatException;

/**
 * Where a further table has the known columns.
 *
 * @param features the file's column of each column of features
 * @param target the column of the target, or -1
 * @param columns number of columns
 * @param skipFirst whether the first row is not an example
 */
record TableHeading(int[] features, int target, int columns, boolean skipFirst) {
  /** The examples of a file; where rows are dropped, those that lack none of these columns. */
  CsvSource source(Path file, TableEncoding.Form form) {
    IntStream used = IntStream.of(features);
    if (target >= 0) {
      used = IntStream.concat(used, IntStream.of(target));
    }
    return new CsvSource(
        file,
        form.delimiter(),
        form.maxBytes(),
        columns,
        skipFirst,
        form.reading(),
        form.missing() == CsvOptions.Missing.DROP ? used.toArray() : new int[0]);
  }

  /**
   * Finds the columns by name where the training data had a header, else by position.
   *
   * @param needed whether the target is to be read; else its column may be missing
   */
  static TableHeading of(
      Path file, TableEncoding.Form form, List<String> names, String target, boolean needed) {
    String place = file.toString();
    CsvRow first;
    CsvRow second;
    try (CsvReader reader = CsvSource.open(file, form.delimiter(), form.maxBytes())) {
      first = reader.next();
      second = first == null ? null : reader.next();
    }
    if (first == null) {
      throw Malformed.at(place, "line 1", "rows of cells", "an empty file", "check the path");
    }
    Known known = new Known(place, names, target, needed, form.ignored());
    if (form.heading() == CsvLayout.Heading.NAMES) {
      return known.named(first);
    }
    boolean counts =
        form.heading() == CsvLayout.Heading.COUNTS
            && second != null
            && CountsLine.parse(first).isPresent();
    return known.positioned(counts, (counts ? second : first).size());
  }

  /** The columns that are looked for in a file. */
  private record Known(
      String file, List<String> names, String target, boolean needed, List<String> ignored) {
    TableHeading named(CsvRow header) {
      List<String> found =
          IntStream.range(0, header.size())
              .mapToObj(c -> {
                String cell = header.cells().get(c);
                return cell.isEmpty() ? CsvLayout.number(c) : cell;
              })
              .toList();
      Map<String, Integer> positions = new HashMap<>();
      Map<String, Integer> times = new HashMap<>();
      for (int c = 0; c < found.size(); c++) {
        positions.put(found.get(c), c);
        times.merge(found.get(c), 1, Integer::sum);
      }
      Set<String> wanted = new HashSet<>();
      if (needed) {
        require(target, times, wanted);
      }
      names.forEach(name -> require(name, times, wanted));
      Set<String> others = new TreeSet<>(found);
      others.remove(target);
      names.forEach(others::remove);
      ignored.forEach(others::remove);
      if (!others.isEmpty()) {
        throw differs("also " + CsvTarget.some(others), "leave them out of the file");
      }
      return new TableHeading(
          names.stream().mapToInt(positions::get).toArray(),
          needed ? positions.get(target) : -1,
          header.size(),
          true);
    }

    /** Of two columns with one name, nobody can tell which one is meant. */
    private void require(String name, Map<String, Integer> times, Set<String> wanted) {
      int count = times.getOrDefault(name, 0);
      if (count == 0) {
        throw differs("no column " + Malformed.quote(name), "give the file the same columns");
      }
      if (count > 1) {
        throw differs(
            String.format(Locale.ROOT, "%d columns %s", count, Malformed.quote(name)),
            "give the columns different names");
      }
      if (!wanted.add(name) || name.equals(target) && !needed) {
        throw differs(
            "a model that was trained with several columns %s".formatted(Malformed.quote(name)),
            "train it again with different names");
      }
    }

    /** Without names, the target is where it was in training, or left out. */
    TableHeading positioned(boolean skip, int width) {
      int all = names.size() + 1 + ignored.size();
      int targetAt = index(target);
      boolean without = !needed && width == all - 1;
      if (!without && width != all) {
        throw differs(Malformed.count(width, "column"), "give the file the same columns");
      }
      Set<Integer> left = new HashSet<>();
      ignored.forEach(name -> left.add(index(name)));
      List<Integer> features = new ArrayList<>();
      for (int c = 0; c < all; c++) {
        if (c != targetAt && !left.contains(c)) {
          features.add(without && c > targetAt ? c - 1 : c);
        }
      }
      int[] positions = features.stream().mapToInt(Integer::intValue).toArray();
      return new TableHeading(positions, needed ? targetAt : -1, width, skip);
    }

    private static int index(String column) {
      return Integer.parseInt(column.substring(column.lastIndexOf(' ') + 1)) - 1;
    }

    private DataFormatException differs(String got, String advice) {
      return Malformed.at(
          file,
          "line 1",
          "the columns of the training data, %s and the target %s"
              .formatted(CsvTarget.some(names), Malformed.quote(target)),
          got,
          advice);
    }
  }
}
