package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void whatIsNoNumberIsNullWhereverItIs() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("nan", Double.NaN);
    object.put("float", Float.NaN);
    object.put("infinite", Double.NEGATIVE_INFINITY);
    object.put("list", List.of(1.5, Double.NaN, List.of(Float.POSITIVE_INFINITY)));
    object.put("array", new double[] {Double.NaN, 2});
    object.put("map", Map.of("inner", Double.NaN));
    object.put("null", null);
    object.put("text", "NaN");
    object.put("long", 3L);
    assertEquals(
        "{\"nan\":null,\"float\":null,\"infinite\":null,\"list\":[1.5,null,[null]],"
            + "\"array\":[null,2.0],\"map\":{\"inner\":null},\"null\":null,\"text\":\"NaN\","
            + "\"long\":3}",
        Json.line(object));
  }
}
