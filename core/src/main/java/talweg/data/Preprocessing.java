package talweg.data;

import java.nio.file.Path;
import java.util.List;
import talweg.error.DataFormatException;
import talweg.json.JsonFields;

/**
 * How files become a model's inputs: what was learned from the training data and must be kept with
 * the model, so that further data are encoded alike. An immutable value with a JSON form.
 */
public sealed interface Preprocessing permits TableEncoding, ImageEncoding {
  /** Names of the classes in label order; empty for regression. */
  List<String> classNames();

  /**
   * Reads further examples with their labels or targets.
   *
   * @param source a file or folder of the same kind as the training data
   * @return a data set of the same feature shape, classes and targets as the training data
   * @throws talweg.error.InputNotFoundException if there is nothing there
   * @throws DataFormatException if it does not fit, naming the place
   */
  Dataset load(Path source);

  /**
   * The same for examples that may be larger than memory, which stay in files: images in their own,
   * rows of a table encoded in a temporary one.
   *
   * @param scratch the folder for a temporary file
   * @return a streamed data set; see {@link Dataset#isStreamed()}
   * @throws talweg.error.InputNotFoundException if there is nothing there
   * @throws DataFormatException if it does not fit, naming the place
   */
  Dataset stream(Path source, Path scratch);

  /**
   * Reads further examples without regard to what is to be predicted, which need not be there.
   *
   * @throws talweg.error.InputNotFoundException if there is nothing there
   * @throws DataFormatException if it does not fit, naming the place
   */
  Inputs inputs(Path source);

  /** One JSON object; {@link #fromJson} makes an equal value of it. */
  String toJson();

  /**
   * Reads what {@link #toJson} wrote. The text is not trusted.
   *
   * @throws DataFormatException if it is anything else
   */
  static Preprocessing fromJson(String json) {
    JsonFields fields = JsonFields.parse("preprocessing", json);
    String kind = fields.text("kind");
    return switch (kind) {
      case TableEncoding.KIND -> TableEncoding.of(fields);
      case ImageEncoding.KIND -> ImageEncoding.of(fields);
      default ->
          throw new DataFormatException(
              "preprocessing: expected the kind \"%s\" or \"%s\", got %s; use a version that knows it"
                  .formatted(TableEncoding.KIND, ImageEncoding.KIND, Malformed.quote(kind)));
    };
  }
}
