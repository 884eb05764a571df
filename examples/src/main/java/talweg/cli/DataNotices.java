package talweg.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import talweg.data.Dataset;
import talweg.data.LeftOut;
import talweg.data.Split;

/**
 * What people should know of data before they trust a figure: class counts, and what was left out.
 */
final class DataNotices {
  /** More classes are not listed one by one. */
  private static final int LISTED = 10;

  private static final int NAMED = 5;

  private final List<String> classes;
  private final Map<String, int[]> counts = new LinkedHashMap<>();

  private DataNotices(Map<String, Dataset> parts) {
    Dataset any = parts.values().iterator().next();
    classes =
        any.classNames().isEmpty()
            ? IntStream.range(0, any.numClasses()).mapToObj(Integer::toString).toList()
            : any.classNames();
    parts.forEach((part, data) -> {
      int[] ofPart = new int[classes.size()];
      for (int label : data.labels()) {
        ofPart[label]++;
      }
      counts.put(part, ofPart);
    });
  }

  /** The counts of each part, a few lines at most, and what is odd about them. */
  static List<String> ofClasses(Split split) {
    if (!split.train().isClassification()) {
      return List.of();
    }
    Map<String, Dataset> parts = new LinkedHashMap<>();
    parts.put("training", split.train());
    if (split.hasValidation()) {
      parts.put("validation", split.validation());
    }
    if (split.hasTest()) {
      parts.put("test", split.test());
    }
    DataNotices notices = new DataNotices(parts);
    List<String> lines = new ArrayList<>();
    parts.keySet().forEach(part -> lines.add(notices.line(part)));
    lines.addAll(notices.warnings());
    return lines;
  }

  /** What is odd about the classes of data that a model is measured on. */
  static List<String> ofClasses(Dataset data) {
    return data.isClassification()
        ? new DataNotices(Map.of("evaluated", data)).oneClass("evaluated")
        : List.of();
  }

  /** For example {@code 2 of 10 rows left out, as a value is missing (lines 3, 7)}. */
  static String leftOut(LeftOut rows) {
    String lines = rows.lines().stream().map(String::valueOf).collect(Collectors.joining(", "));
    return "%,d of %,d rows left out, as they lack a value (line%s %s%s)"
        .formatted(
            rows.rows(),
            rows.of(),
            rows.rows() == 1 ? "" : "s",
            lines,
            rows.rows() > rows.lines().size() ? ", ..." : "");
  }

  private String line(String part) {
    int[] ofPart = counts.get(part);
    if (classes.size() <= LISTED) {
      return "classes of %-10s  %s"
          .formatted(
              part,
              IntStream.range(0, ofPart.length)
                  .mapToObj(c -> "%s: %,d".formatted(name(c), ofPart[c]))
                  .collect(Collectors.joining(", ")));
    }
    int least = IntStream.of(ofPart).min().getAsInt();
    int most = IntStream.of(ofPart).max().getAsInt();
    return "classes of %-10s  %,d to %,d examples each (fewest %s, most %s)"
        .formatted(part, least, most, name(first(ofPart, least)), name(first(ofPart, most)));
  }

  private List<String> warnings() {
    List<String> warnings = new ArrayList<>(oneClass("training"));
    List<Integer> empty = without(IntStream.range(0, classes.size()).boxed().toList(), sums());
    if (!empty.isEmpty()) {
      warnings.add("warning: no example of class %s".formatted(some(empty)));
    }
    List<Integer> others =
        IntStream.range(0, classes.size()).boxed().filter(c -> !empty.contains(c)).toList();
    counts.forEach((part, ofPart) -> {
      List<Integer> missing = without(others, ofPart);
      if (!missing.isEmpty()) {
        warnings.add(
            "warning: the %s part has no example of class %s; the figures say nothing of %s"
                .formatted(part, some(missing), missing.size() == 1 ? "it" : "them"));
      }
    });
    return warnings;
  }

  private List<String> oneClass(String part) {
    int[] ofPart = counts.get(part);
    int[] present = IntStream.range(0, ofPart.length).filter(c -> ofPart[c] > 0).toArray();
    return present.length == 1
        ? List.of(
            "warning: all %s examples are of class %s: an accuracy of 1 means nothing"
                .formatted(part, name(present[0])))
        : List.of();
  }

  private int[] sums() {
    int[] sums = new int[classes.size()];
    counts.values().forEach(ofPart -> Arrays.setAll(sums, c -> sums[c] + ofPart[c]));
    return sums;
  }

  private static List<Integer> without(List<Integer> wanted, int[] ofPart) {
    return wanted.stream().filter(c -> ofPart[c] == 0).toList();
  }

  private String some(List<Integer> which) {
    String names = which.stream().limit(NAMED).map(this::name).collect(Collectors.joining(", "));
    return which.size() > NAMED ? names + " and %,d more".formatted(which.size() - NAMED) : names;
  }

  /** Names are cut, so that they fit into a line, and cannot steer a terminal. */
  private String name(int c) {
    String name = classes.get(c).replaceAll("\\p{Cntrl}", "?");
    return name.length() > 24 ? name.substring(0, 23) + "…" : name;
  }

  private static int first(int[] values, int wanted) {
    return IntStream.range(0, values.length).filter(c -> values[c] == wanted).findFirst().orElse(0);
  }
}
