package talweg.cuda;

import java.util.HashMap;
import java.util.Map;

/** System properties that a test sets and leaves as they were. */
final class Settings {
  private final Map<String, String> before = new HashMap<>();

  void set(String property, String value) {
    String old = System.setProperty(property, value);
    if (!before.containsKey(property)) {
      before.put(property, old);
    }
  }

  void restore() {
    before.forEach((property, value) -> {
      if (value == null) {
        System.clearProperty(property);
      } else {
        System.setProperty(property, value);
      }
    });
    before.clear();
  }
}
