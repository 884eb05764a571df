package talweg.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Option;
import talweg.data.Dataset;
import talweg.data.Idx;
import talweg.data.Inputs;
import talweg.data.Preprocessing;
import talweg.data.Split;
import talweg.examples.EmbeddedDigits;
import talweg.train.ModelCard;
import talweg.train.ModelFile;

/** The flags that choose data for a trained model, which encodes them as its training data. */
final class ModelData {
  /** Which examples of the data. */
  enum Part {
    /** Those that the model was not trained on, if the data are its own; else all. */
    AUTO,
    /** All of them. */
    ALL,
    /** Those that a training would train on. */
    TRAIN,
    /** Those that a training would test on. */
    TEST
  }

  private static final String DIGITS = "digits";
  private static final String IDX = "idx:";
  private static final List<String> ENCODED = List.of("csv:", "images:");

  @Option(
      names = "--data",
      paramLabel = "SOURCE",
      description =
          "digits, idx:DIR, csv:FILE or images:DIR; of the kind that the model was trained on."
              + " Default: its training data.")
  private String source;

  @Option(
      names = "--part",
      paramLabel = "PART",
      defaultValue = "auto",
      description =
          "all examples, or the train or test part as train splits them. Default: the test part of"
              + " the model's own data, all of others.")
  private Part part;

  /** Examples with labels or targets. */
  Dataset load(ModelFile model, long seed) {
    ModelCard card = model.card();
    String from = source(card);
    Part wanted = part(card);
    Dataset data;
    if (from.equals(DIGITS)) {
      Dataset all = EmbeddedDigits.load();
      data = wanted == Part.ALL ? all : pick(wanted, split(all, seed));
    } else if (from.startsWith(IDX)) {
      data = idx(wanted, Path.of(from.substring(IDX.length())));
    } else {
      data = encoded(model, from, wanted, seed);
    }
    requireFitting(model, data);
    return data;
  }

  /** For people: where the examples are from, and which they are. */
  String describe(ModelFile model, long seed) {
    Part wanted = part(model.card());
    return source(model.card())
        + switch (wanted) {
          case ALL -> "";
          case TRAIN -> ", training part (seed " + seed + ")";
          default -> ", test part (seed " + seed + ")";
        };
  }

  /** Examples without regard to labels or targets, which need not be there. */
  Inputs inputs(ModelFile model) {
    ModelCard card = model.card();
    String from = source(card);
    if (isEncoded(from) && part(card) == Part.ALL) {
      return preprocessing(model, from).inputs(path(from));
    }
    Dataset data = load(model, card.seed());
    float[] x = new float[Math.multiplyExact(data.size(), data.featureCount())];
    String[] names = new String[data.size()];
    for (int i = 0; i < names.length; i++) {
      System.arraycopy(data.features(i), 0, x, i * data.featureCount(), data.featureCount());
      names[i] = "example " + (i + 1);
    }
    return new Inputs(List.of(names), data.featureShape(), x);
  }

  private String source(ModelCard card) {
    return source == null ? card.data() : source;
  }

  /** IDX files come in two parts, of which all others have no word for both. */
  private Part part(ModelCard card) {
    if (part != Part.AUTO) {
      return part;
    }
    String from = source(card);
    return from.startsWith(IDX) || from.equals(card.data()) ? Part.TEST : Part.ALL;
  }

  private static Dataset idx(Part part, Path folder) {
    if (part == Part.ALL) {
      throw new UsageException("--part all: IDX files are two parts, ask for train or test");
    }
    return pick(part, Idx.load(folder));
  }

  private Dataset encoded(ModelFile model, String from, Part wanted, long seed) {
    Preprocessing preprocessing = preprocessing(model, from);
    Path path = path(from);
    if (wanted == Part.ALL) {
      return preprocessing.load(path);
    }
    Path own = path.resolve(wanted == Part.TEST ? "test" : "train");
    if (from.startsWith("images:") && Files.isDirectory(path.resolve("test"))) {
      return preprocessing.load(own);
    }
    return pick(wanted, split(preprocessing.load(path), seed));
  }

  private static Split split(Dataset all, long seed) {
    return all.split(DataFlags.TRAIN_SHARE, seed);
  }

  private static Dataset pick(Part part, Split split) {
    return part == Part.TRAIN ? split.train() : split.test();
  }

  private static Path path(String from) {
    return Path.of(from.substring(from.indexOf(':') + 1));
  }

  private static boolean isEncoded(String from) {
    return ENCODED.stream().anyMatch(from::startsWith);
  }

  private static Preprocessing preprocessing(ModelFile model, String from) {
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
