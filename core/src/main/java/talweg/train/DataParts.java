package talweg.train;

import java.util.OptionalDouble;
import talweg.data.SplitRule;
import talweg.json.JsonFields;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which examples of a model's data were for training, validation and test, so that the parts can be
 * made again.
 *
 * @param rule how the model's data were split
 * @param validationData where the validation examples were from if not from the model's data, as on
 *     the command line; else empty
 * @param testData the same for the test examples
 */
public record DataParts(SplitRule rule, String validationData, String testData) {
  /** Of models whose file says nothing: 80 % for training, 20 % for the test. */
  static final DataParts FIRST_VERSION = of(SplitRule.withoutValidation());

  /** Parts that are all from the model's data. */
  public static DataParts of(SplitRule rule) {
    return new DataParts(rule, "", "");
  }

  void write(ObjectNode node) {
    ArrayNode fractions = node.putArray("fractions").add(rule.train()).add(rule.validation());
    rule.test().ifPresent(fractions::add);
    node.put("stratified", rule.stratified());
    node.put("validation_data", validationData).put("test_data", testData);
  }

  static DataParts read(JsonFields fields) {
    double[] fractions = fields.numbers("fractions");
    boolean stratified = fields.flag("stratified");
    if (fractions.length < 2 || fractions.length > 3) {
      throw fields.wrong("fractions", "two or three of them");
    }
    OptionalDouble test =
        fractions.length == 2 ? OptionalDouble.empty() : OptionalDouble.of(fractions[2]);
    SplitRule rule;
    try {
      rule = new SplitRule(fractions[0], fractions[1], test, stratified);
    } catch (IllegalArgumentException e) {
      throw fields.wrong("fractions", "fractions that add up to 1");
    }
    DataParts parts = new DataParts(rule, fields.text("validation_data"), fields.text("test_data"));
    fields.end();
    return parts;
  }
}
