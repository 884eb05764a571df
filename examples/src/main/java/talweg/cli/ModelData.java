package talweg.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;
import talweg.data.Dataset;
import talweg.data.ImageFolder;
import talweg.data.Inputs;
import talweg.data.LeftOut;
import talweg.data.Preprocessing;
import talweg.data.Split;
import talweg.data.TableEncoding;
import talweg.train.ModelCard;
import talweg.train.ModelFile;

/** The flags that choose data for a trained model, which encodes them as its training data. */
final class ModelData {
  /** Which examples of the data. */
  enum Part {
    /** All of data that are named; else the test part of the model's own. */
    AUTO,
    /** All of them. */
    ALL,
    /** Those that the model was trained on, or a training would train on. */
    TRAIN,
    /** Those by which the best epoch was chosen. */
    VALIDATION,
    /** Those that were kept for the measurement at the end. */
    TEST;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String DIGITS = "digits";
  private static final List<String> ENCODED = List.of(DataFlags.CSV, DataFlags.IMAGES);

  @Option(
      names = "--data",
      paramLabel = "SOURCE",
      description =
          "digits, idx:DIR, csv:FILE or images:DIR; of the kind that the model was trained on, and"
              + " all of it. Default: the test part of its training data.")
  private String source;

  @Option(
      names = "--part",
      paramLabel = "PART",
      defaultValue = "auto",
      description =
          "train, validation or test: that part as the training of the model split its data, which"
              + " are in --data if they have moved; or all. Default: test, or all of --data.")
  private Part part;

  /**
   * Examples with labels or targets.
   *
   * @param own of the model whose data they are by default, split as it was
   */
  Dataset load(ModelFile model, ModelCard own) {
    String from = source(own);
    Part wanted = part();
    String given = given(own, wanted);
    Dataset data;
    if (given != null) {
      data = all(model, given);
    } else if (wanted == Part.ALL) {
      data = all(model, from);
    } else {
      data = pick(wanted, split(model, from, own), own);
    }
    requireFitting(model, data);
    return data;
  }

  /** For people: where the examples are from, and which they are. */
  String describe(ModelCard own) {
    Part wanted = part();
    String given = given(own, wanted);
    if (given != null) {
      return given;
    }
    return wanted == Part.ALL
        ? source(own)
        : "%s, %s part (seed %d)".formatted(source(own), wanted.label(), own.seed());
  }

  /** Examples without regard to labels or targets, which need not be there. */
  Inputs inputs(ModelFile model) {
    ModelCard card = model.card();
    String from = source(card);
    if (isEncoded(from) && part() == Part.ALL) {
      return preprocessing(model, from).inputs(path(from));
    }
    Dataset data = load(model, card);
    float[] x = new float[Math.multiplyExact(data.size(), data.featureCount())];
    String[] names = new String[data.size()];
    for (int i = 0; i < names.length; i++) {
      System.arraycopy(data.features(i), 0, x, i * data.featureCount(), data.featureCount());
      names[i] = "example " + (i + 1);
    }
    return new Inputs(List.of(names), data.featureShape(), x);
  }

  /**
   * The rows of the source that are left out, as they lack values.
   *
   * @param targets whether those without a target are left out, too
   */
  LeftOut leftOut(ModelFile model, ModelCard own, boolean targets) {
    String given = given(own, part());
    String from = given != null ? given : source(own);
    boolean asked = targets || part() != Part.ALL;
    return preprocessing(model, from) instanceof TableEncoding table
        ? table.leftOut(path(from), asked)
        : new LeftOut(0, 0, List.of());
  }

  /** The files of a folder of images for which there is no answer, as they are no images. */
  List<Path> otherFiles(ModelFile model) {
    String from = source(model.card());
    return part() == Part.ALL && from.startsWith(DataFlags.IMAGES)
        ? ImageFolder.otherFiles(path(from))
        : List.of();
  }

  private String source(ModelCard card) {
    return source == null ? card.data() : source;
  }

  /** Which examples: how the data's path is spelled, or whether it is the model's, is no matter. */
  private Part part() {
    return part != Part.AUTO ? part : source == null ? Part.TEST : Part.ALL;
  }

  /** Whether the examples are some of those that the training of a model split into parts. */
  boolean isOfTraining() {
    return source == null || part != Part.AUTO;
  }

  /** The source that brought a part beside the model's own data in its training, or null. */
  private String given(ModelCard own, Part wanted) {
    String given =
        switch (wanted) {
          case VALIDATION -> own.parts().validationData();
          case TEST -> own.parts().testData();
          default -> "";
        };
    if (source != null && !given.isEmpty()) {
      throw new UsageException(
          "--part %s: the training of the model had that part from %s, not from --data; leave --data out, or name it by --data alone"
              .formatted(wanted.label(), given));
    }
    return given.isEmpty() ? null : given;
  }

  /** A part that the training left, or a source has of its own. */
  private static Dataset pick(Part wanted, Split split, ModelCard own) {
    boolean missing =
        wanted == Part.VALIDATION && !split.hasValidation()
            || wanted == Part.TEST && !split.hasTest();
    if (missing) {
      throw new UsageException(
          "--part %s: the model's training left no such part of its data (split %s); choose another part, or name other data"
              .formatted(wanted.label(), own.parts().rule()));
    }
    return switch (wanted) {
      case TRAIN -> split.train();
      case VALIDATION -> split.validation();
      default -> split.test();
    };
  }

  private static Split split(ModelFile model, String from, ModelCard own) {
    return SourceParts.split(from, preprocessing(model, from), own.parts().rule(), own.seed());
  }

  private static Dataset all(ModelFile model, String from) {
    return SourceParts.all(from, preprocessing(model, from));
  }

  private static Path path(String from) {
    return Path.of(from.substring(from.indexOf(':') + 1));
  }

  private static boolean isEncoded(String from) {
    return ENCODED.stream().anyMatch(from::startsWith);
  }

  /** How the model encodes a source; null for those that need no encoding. */
  private static Preprocessing preprocessing(ModelFile model, String from) {
    if (from.equals(DIGITS) || from.startsWith(DataFlags.IDX)) {
      return null;
    }
    if (!isEncoded(from)) {
      throw new UsageException(
          "--data: expected digits, idx:DIR, csv:FILE or images:DIR, got \"%s\"".formatted(from));
    }
    String kind = from.substring(0, from.indexOf(':') + 1);
    if (model.card().preprocessing() == null || !model.card().data().startsWith(kind)) {
      throw new UsageException(
          "--data %s: the model %s was trained on %s and does not know how to encode this; use data of the same kind"
              .formatted(from, model.name(), model.card().data()));
    }
    return model.card().preprocessing();
  }

  private static void requireFitting(ModelFile model, Dataset data) {
    ModelCard card = model.card();
    List<Integer> shape = Arrays.stream(data.featureShape()).boxed().toList();
    boolean outputs =
        data.isClassification()
            ? card.isClassification() && data.numClasses() <= card.outputs()
            : !card.isClassification() && data.outputs() == card.outputs();
    if (!shape.equals(card.input()) || !outputs) {
      throw new UsageException(
          "--data: the model %s takes examples of shape %s and gives %d %s, but the data are %s"
              .formatted(
                  model.name(),
                  card.input(),
                  card.outputs(),
                  card.isClassification() ? "classes" : "targets",
                  data));
    }
  }
}
