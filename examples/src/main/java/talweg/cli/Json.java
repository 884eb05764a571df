package talweg.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.ObjectMapper;

/** JSON as all commands write it. */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  /** One line. JSON knows no NaN and no infinity: both are null, wherever they are. */
  static String line(Map<String, ?> object) {
    return MAPPER.writeValueAsString(known(object));
  }

  private static Object known(Object value) {
    return switch (value) {
      case Double number when !Double.isFinite(number) -> null;
      case Float number when !Float.isFinite(number) -> null;
      case double[] numbers -> known(list(numbers));
      case Map<?, ?> fields -> {
        Map<Object, Object> copy = new LinkedHashMap<>();
        fields.forEach((name, field) -> copy.put(name, known(field)));
        yield copy;
      }
      case Iterable<?> elements -> {
        List<Object> copy = new ArrayList<>();
        elements.forEach(element -> copy.add(known(element)));
        yield copy;
      }
      case null, default -> value;
    };
  }

  private static List<Double> list(double[] numbers) {
    List<Double> list = new ArrayList<>(numbers.length);
    for (double number : numbers) {
      list.add(number);
    }
    return list;
  }
}
