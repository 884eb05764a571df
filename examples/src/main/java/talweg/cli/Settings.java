package talweg.cli;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A flag's value of the form {@code name} or {@code name:key=number,key=number}. */
final class Settings {
  private final String flag;
  private final String name;
  private final Map<String, Double> values = new LinkedHashMap<>();

  private Settings(String flag, String name) {
    this.flag = flag;
    this.name = name;
  }

  static Settings parse(String flag, String text) {
    int colon = text.indexOf(':');
    Settings settings =
        new Settings(flag, (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT));
    if (colon >= 0) {
      for (String pair : text.substring(colon + 1).split(",")) {
        settings.add(pair);
      }
    }
    return settings;
  }

  String name() {
    return name;
  }

  /** A number, or the default; call it for every known key before {@link #requireKnown}. */
  double number(String key, double otherwise) {
    return values.getOrDefault(key, otherwise);
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  /** The keys that are given. */
  Set<String> keys() {
    return Collections.unmodifiableSet(values.keySet());
  }

  /** Refuses keys that are not among the known ones. */
  Settings requireKnown(Set<String> known) {
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw new UsageException(
            "%s %s: setting \"%s\" is not known; expected %s"
                .formatted(
                    flag,
                    name,
                    key,
                    known.isEmpty()
                        ? "none"
                        : "one of: " + known.stream().sorted().collect(Collectors.joining(", "))));
      }
    }
    return this;
  }

  private void add(String pair) {
    int equals = pair.indexOf('=');
    if (equals < 1) {
      throw new UsageException(
          "%s: expected NAME:key=number,key=number, got \"%s\" after %s:"
              .formatted(flag, pair, name));
    }
    String key = pair.substring(0, equals);
    try {
      values.put(key, FlagValues.number(pair.substring(equals + 1)));
    } catch (UsageException e) {
      throw new UsageException("%s %s: %s: %s".formatted(flag, name, key, e.getMessage()));
    }
  }
}
