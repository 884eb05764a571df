package talweg.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import talweg.error.DataFormatException;
import talweg.json.JsonFields;
import tools.jackson.databind.json.JsonMapper;

/** The JSON form of a {@link TableEncoding}. */
final class TableJson {
  private static final String WHAT = "preprocessing of a table";

  private TableJson() {}

  static String write(
      TableEncoding.Form form,
      List<CsvFeature> columns,
      CsvTarget target,
      Standardizer features,
      Standardizer targets) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", TableEncoding.KIND);
    json.put("heading", form.heading().name());
    json.put("delimiter", String.valueOf(form.delimiter()));
    json.put("max_bytes", Long.toString(form.maxBytes()));
    json.put("missing", form.missing().name());
    json.put("unknown", form.unknown().name());
    if (form.reading().numbers() != CsvOptions.Numbers.PLAIN) {
      json.put("numbers", form.reading().numbers().name());
    }
    if (!form.reading().missing().isEmpty()) {
      json.put("missing_texts", form.reading().missing().stream().sorted().toList());
    }
    if (!form.ignored().isEmpty()) {
      json.put("ignored", form.ignored());
    }
    json.put("columns", columns.stream().map(TableJson::column).toList());
    Map<String, Object> predicted = new LinkedHashMap<>();
    predicted.put("name", target.name());
    predicted.put("classes", target.classNames());
    predicted.put("cells", List.copyOf(target.labels().keySet()));
    number(predicted, target.number());
    json.put("target", predicted);
    if (features != null) {
      json.put("standardize", figures(features));
    }
    if (targets != null) {
      json.put("standardize_target", figures(targets));
    }
    return new JsonMapper().writeValueAsString(json);
  }

  static TableEncoding read(JsonFields json) {
    TableEncoding.Form form =
        new TableEncoding.Form(
            json.choice("heading", CsvLayout.Heading.class),
            delimiter(json.text("delimiter")),
            bytes(json.text("max_bytes")),
            json.choice("missing", CsvOptions.Missing.class),
            json.choice("unknown", CsvOptions.Unknown.class),
            reading(json),
            json.has("ignored") ? json.texts("ignored") : List.of());
    List<CsvFeature> columns = new ArrayList<>();
    for (JsonFields column : json.objects("columns")) {
      columns.add(column(column));
    }
    require(!columns.isEmpty() && columns.size() <= TableEncoding.MAX_COLUMNS, "columns");
    CsvTarget target = target(json.object("target"));
    require(
        form.heading() == CsvLayout.Heading.NAMES
            || arePositions(target.name(), form.ignored(), columns.size()),
        "columns by position");
    Standardizer features = json.optional("standardize").map(TableJson::standardizer).orElse(null);
    Standardizer targets =
        json.optional("standardize_target").map(TableJson::standardizer).orElse(null);
    json.end();
    TableEncoding encoding = new TableEncoding(form, columns, target, features, targets);
    require(features == null || features.mean().length == encoding.width(), "standardize");
    require(
        targets == null || !target.isClassification() && targets.mean().length == 1,
        "standardize_target");
    return encoding;
  }

  /** Whether target and left out columns are different ones of a table with so many features. */
  private static boolean arePositions(String target, List<String> ignored, int features) {
    List<String> names = new ArrayList<>(ignored);
    names.add(target);
    return new HashSet<>(names).size() == names.size()
        && names.stream()
            .allMatch(name ->
                name.matches("column [1-9][0-9]{0,5}")
                    && Integer.parseInt(name.substring(7)) <= features + names.size());
  }

  private static Map<String, Object> column(CsvFeature column) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", column.name());
    json.put("categories", column.categories());
    float[] fill = column.fill();
    json.put("fill", Float.isNaN(fill[0]) ? new float[0] : fill);
    number(json, column.number());
    return json;
  }

  private static CellReading reading(JsonFields json) {
    return new CellReading(
        json.has("numbers")
            ? json.choice("numbers", CsvOptions.Numbers.class)
            : CsvOptions.Numbers.PLAIN,
        json.has("missing_texts") ? Set.copyOf(json.texts("missing_texts")) : Set.of());
  }

  /** Older versions know nothing of these fields, and refuse a file that has them. */
  private static void number(Map<String, Object> json, CsvNumber number) {
    if (!number.mark().isEmpty()) {
      json.put("mark", number.mark());
    }
    if (number.isShifted()) {
      json.put("shift", new double[] {number.origin(), number.scale()});
    }
  }

  private static CsvNumber number(JsonFields json) {
    double[] shift = json.has("shift") ? json.numbers("shift") : new double[] {0, 1};
    require(shift.length == 2 && shift[1] > 0, "an origin and a scale > 0");
    return new CsvNumber(json.has("mark") ? json.text("mark") : "", shift[0], shift[1]);
  }

  private static CsvFeature column(JsonFields json) {
    String name = json.text("name");
    List<String> categories = json.texts("categories");
    double[] numbers = json.numbers("fill");
    CsvNumber number = number(json);
    json.end();
    boolean none = numbers.length == 0 && categories.isEmpty();
    require(none || numbers.length == Math.max(1, categories.size()), "one fill for each category");
    require(new HashSet<>(categories).size() == categories.size(), "different categories");
    float[] fill = new float[Math.max(1, categories.size())];
    for (int i = 0; i < fill.length; i++) {
      fill[i] = none ? Float.NaN : (float) numbers[i];
      require(none || Float.isFinite(fill[i]), "a fill within the range of floats");
    }
    return new CsvFeature(name, categories, number, fill);
  }

  private static CsvTarget target(JsonFields json) {
    String name = json.text("name");
    List<String> classes = json.texts("classes");
    List<String> cells = json.texts("cells");
    CsvNumber number = number(json);
    json.end();
    Map<String, Integer> labels = new LinkedHashMap<>();
    cells.forEach(cell -> labels.put(cell, labels.size()));
    require(
        classes.size() == labels.size()
            && new HashSet<>(classes).size() == classes.size()
            && classes.size() != 1
            && classes.size() <= CsvTarget.MAX_CLASSES,
        String.format(
            Locale.ROOT,
            "no classes, or 2 to %d different ones, and a cell's text for each",
            CsvTarget.MAX_CLASSES));
    return new CsvTarget(name, labels, classes, number);
  }

  private static Map<String, Object> figures(Standardizer standardizer) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("mean", standardizer.mean());
    json.put("std", standardizer.std());
    return json;
  }

  private static Standardizer standardizer(JsonFields json) {
    double[] mean = json.numbers("mean");
    double[] std = json.numbers("std");
    json.end();
    boolean positive = Arrays.stream(std).allMatch(s -> s > 0);
    require(mean.length > 0 && mean.length == std.length && positive, "means and deviations > 0");
    return new Standardizer(mean, std);
  }

  private static char delimiter(String text) {
    require(text.length() == 1 && CsvOptions.isDelimiter(text.charAt(0)), "a delimiter");
    return text.charAt(0);
  }

  private static long bytes(String text) {
    require(text.matches("[1-9][0-9]{0,17}"), "a positive limit of bytes");
    return Long.parseLong(text);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new DataFormatException(
          "%s: expected %s, got none such; the file was altered".formatted(WHAT, what));
    }
  }
}
