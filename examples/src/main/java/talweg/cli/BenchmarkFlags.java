package talweg.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import talweg.op.NonFinite;
import talweg.spi.Precision;
import talweg.tensor.DType;

/** The flags that say what to measure. Their names and defaults are those of the PyTorch twin. */
final class BenchmarkFlags {
  /** What can be asked for. */
  enum Kind {
    TRAIN,
    OPTIM,
    GEMM,
    COPY,
    STREAM,
    ALL
  }

  private static final int CLASSES = 10;

  @Parameters(
      arity = "0..1",
      paramLabel = "CASE",
      defaultValue = "all",
      description =
          "train (a step), optim (an update), gemm (a matrix product), copy and stream (memory), or"
              + " all: these with their ceilings, and small trainings, on every backend. Default:"
              + " ${DEFAULT-VALUE}.")
  private Kind kind;

  @Option(
      names = "--dims",
      paramLabel = "N,N[,N..]",
      hideParamSyntax = true,
      split = ",",
      defaultValue = "784,512,256,10",
      description = "train: widths from features to classes. Default: ${DEFAULT-VALUE}.")
  private List<Integer> dims;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "128",
      description = "train: rows per step. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--clip",
      paramLabel = "X",
      defaultValue = "0",
      description = "train: clip gradients to this global norm; 0 for none. Default: 0.")
  private double clip;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "adamw",
      description =
          "train, optim: adamw, adam, sgd (momentum 0.9) or lamb. Default: ${DEFAULT-VALUE}.")
  private BenchmarkOptimizer optimizer;

  @Option(
      names = "--n",
      paramLabel = "N",
      defaultValue = "16000000",
      description = "optim, copy, stream: number of elements. Default: ${DEFAULT-VALUE}.")
  private int n;

  @Option(
      names = "--tensors",
      paramLabel = "N",
      defaultValue = "1",
      description = "optim: tensors that share the elements. Default: ${DEFAULT-VALUE}.")
  private int tensors;

  @Option(
      names = "--mkn",
      paramLabel = "M,K,N",
      hideParamSyntax = true,
      split = ",",
      defaultValue = "128,784,512",
      description = "gemm: extents of an m x k times a k x n matrix. Default: ${DEFAULT-VALUE}.")
  private List<Integer> mkn;

  @Option(
      names = "--peak",
      paramLabel = "N",
      defaultValue = "1024",
      description =
          "all: extent of the square matrix product that stands for a backend's peak. Default:"
              + " ${DEFAULT-VALUE}.")
  private int peak;

  @Option(
      names = "--widths",
      paramLabel = "N[,N..]",
      hideParamSyntax = true,
      split = ",",
      defaultValue = "64,256,1024",
      description = "all: widths of the crossover chart's networks. Default: ${DEFAULT-VALUE}.")
  private List<Integer> widths;

  @Option(
      names = "--batches",
      paramLabel = "N[,N..]",
      hideParamSyntax = true,
      split = ",",
      defaultValue = "8,32,128,512",
      description = "all: rows per step in the crossover chart. Default: ${DEFAULT-VALUE}.")
  private List<Integer> batches;

  @Option(
      names = "--precision",
      paramLabel = "P",
      defaultValue = "fp32",
      description = Arithmetic.DESCRIPTION + " stream is always fp32.")
  private Arithmetic precision;

  /** What the backends are opened with. */
  Precision products() {
    return precision.products;
  }

  /**
   * What the flags ask for.
   *
   * @param threads for the cases that are not a backend's work
   */
  List<BenchmarkCase> list(int threads) {
    requireSensible();
    DType dtype = precision.dtype;
    return switch (kind) {
      case TRAIN -> List.of(new TrainBenchmark(dims, batch, optimizer, precision, clip));
      case OPTIM -> optim(dtype);
      case GEMM -> List.of(new GemmBenchmark(mkn.get(0), mkn.get(1), mkn.get(2), precision));
      case COPY -> List.of(new CopyBenchmark(n, dtype));
      case STREAM -> List.of(new StreamBenchmark(n, threads));
      case ALL -> all(dtype, threads);
    };
  }

  /** As PyTorch does it, and with the check that is the default in training. */
  private List<BenchmarkCase> optim(DType dtype) {
    return List.of(
        new OptimBenchmark(n, tensors, optimizer, dtype, NonFinite.PROPAGATE),
        new OptimBenchmark(n, tensors, optimizer, dtype, NonFinite.FAIL));
  }

  /** The ceilings first. */
  private List<BenchmarkCase> all(DType dtype, int threads) {
    List<BenchmarkCase> all = new ArrayList<>();
    all.add(new CopyBenchmark(n, dtype));
    all.add(new StreamBenchmark(n, threads));
    all.add(new GemmBenchmark(peak, peak, peak, precision));
    all.addAll(optim(dtype));
    all.add(new GemmBenchmark(mkn.get(0), mkn.get(1), mkn.get(2), precision));
    all.add(new TrainBenchmark(dims, batch, optimizer, precision, clip));
    for (int width : widths) {
      for (int rows : batches) {
        all.add(crossover(width, rows));
      }
    }
    return all;
  }

  /** A small training: which backend is best depends on its width and its batch. */
  TrainBenchmark crossover(int width, int rows) {
    List<Integer> layers = List.of(width, width, width, CLASSES);
    return new TrainBenchmark(layers, rows, optimizer, precision, clip);
  }

  int peak() {
    return peak;
  }

  List<Integer> widths() {
    return widths;
  }

  List<Integer> batches() {
    return batches;
  }

  /** Whether every kind of case is asked for, and with it the comparison of backends. */
  boolean isAll() {
    return kind == Kind.ALL;
  }

  /** The same flags for another process. */
  List<String> arguments() {
    return List.of(
        kind.name(),
        "--dims=" + list(dims),
        "--batch=" + batch,
        "--clip=" + clip,
        "--optimizer=" + optimizer.name(),
        "--n=" + n,
        "--tensors=" + tensors,
        "--mkn=" + list(mkn),
        "--peak=" + peak,
        "--widths=" + list(widths),
        "--batches=" + list(batches),
        "--precision=" + precision);
  }

  private static String list(List<Integer> values) {
    return values.stream().map(Object::toString).collect(Collectors.joining(","));
  }

  private void requireSensible() {
    if (dims.size() < 2 || dims.stream().anyMatch(d -> d < 1) || dims.getLast() < 2) {
      throw new UsageException(
          "--dims: expected two or more widths of at least 1, of which the last is a number of"
              + " classes of at least 2, got "
              + dims);
    }
    if (mkn.size() != 3 || mkn.stream().anyMatch(d -> d < 1)) {
      throw new UsageException("--mkn: expected three extents of at least 1, got " + mkn);
    }
    requireAtLeast("--batch", batch, 1);
    requireAtLeast("--peak", peak, 1);
    widths.forEach(width -> requireAtLeast("--widths", width, 1));
    batches.forEach(rows -> requireAtLeast("--batches", rows, 1));
    requireAtLeast("--n", n, 1);
    requireAtLeast("--tensors", tensors, 1);
    if (n % tensors != 0) {
      throw new UsageException(
          "--tensors: expected a divisor of --n %d, got %d".formatted(n, tensors));
    }
    if (!(clip >= 0) || Double.isInfinite(clip)) {
      throw new UsageException("--clip: expected a number of at least 0, got " + clip);
    }
  }

  static void requireAtLeast(String flag, int value, int least) {
    if (value < least) {
      throw new UsageException("%s: expected at least %d, got %d".formatted(flag, least, value));
    }
  }
}
