package talweg.examples;

import java.nio.file.Path;
import java.util.stream.IntStream;
import talweg.data.Dataset;
import talweg.nn.HostRandom;
import talweg.plot.Axis;
import talweg.plot.Figure;
import talweg.plot.Layer;
import talweg.plot.Palette;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * t-SNE (van der Maaten and Hinton 2008) of digits: a map of the images in the plane on which
 * images that are close neighbours stay so. Exact, with all pairs in one matrix; the gradient is
 * autodiff's. Momentum and early exaggeration are those of the paper. Writes a picture.
 */
public final class DigitsTsne {
  private static final int ROWS = 500;
  private static final double PERPLEXITY = 30;
  private static final double EXAGGERATION = 12;

  private DigitsTsne() {}

  public static void main(String[] args) {
    Path folder = Path.of(args.length > 0 ? args[0] : "landscape");
    Dataset digits = EmbeddedDigits.load().subset(IntStream.range(0, ROWS).toArray());
    double[][] map = map(digits, 500);
    System.out.printf(
        "%.1f %% of the images have a nearest neighbour of their own digit%n",
        100 * neighbourAccuracy(map, digits.labels()));
    picture(map, digits.labels()).write(folder, "digits-tsne", Palette.LIGHT);
    System.out.println("picture in " + folder.resolve("digits-tsne.svg"));
  }

  /** The places of the images in the plane: {x, y} each, after so many steps. */
  static double[][] map(Dataset data, int steps) {
    int n = data.size();
    try (Session session = Session.open("cpu")) {
      Tensor p = session.tensor(affinities(squaredDistances(data)), n, n).to(DType.F32);
      Tensor y = start(session, n);
      Tensor velocity = session.zeros(DType.F32, n, 2);
      int early = Math.min(250, steps / 2);
      double rate = Math.max(50, n / EXAGGERATION);
      for (int step = 0; step < steps; step++) {
        double exaggeration = step < early ? EXAGGERATION : 1;
        double momentum = step < early ? 0.5 : 0.8;
        try (Scope _ = session.scope("step")) {
          Tensor leaf = y.detach().add(0).requireGrad();
          divergence(p.mul(exaggeration), leaf).backward();
          velocity.assign(velocity.mul(momentum).sub(leaf.grad().mul(rate)));
          Tensor moved = y.add(velocity);
          y.assign(moved.sub(moved.mean(true, 0)));
        }
      }
      return places(y.toDoubles());
    }
  }

  private static Tensor start(Session session, int n) {
    HostRandom random = new HostRandom(42, 0);
    double[] values = new double[2 * n];
    for (int i = 0; i < values.length; i++) {
      values[i] = 1e-2 * random.normal();
    }
    return session.tensor(values, n, 2).to(DType.F32);
  }

  /**
   * The part of Kullback and Leibler's divergence that depends on the map: {@code - sum p log q}
   * with q proportional to {@code 1 / (1 + |y_i - y_j|^2)} for different i and j.
   */
  private static Tensor divergence(Tensor p, Tensor y) {
    int n = y.shape().dim(0);
    Tensor square = y.square().sum(true, 1);
    Tensor distance = square.add(square.transpose()).sub(y.matmul(y, false, true).mul(2));
    Tensor kernel = distance.add(1).reciprocal();
    // The diagonal, where the distance is 0, counts n too much.
    Tensor total = kernel.sum().sub(n);
    return p.mul(kernel.log()).sum().neg().add(p.sum().mul(total.log()));
  }

  private static double[][] squaredDistances(Dataset data) {
    int n = data.size();
    double[][] distances = new double[n][n];
    for (int i = 0; i < n; i++) {
      float[] a = data.features(i);
      for (int j = 0; j < i; j++) {
        float[] b = data.features(j);
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
          double difference = (double) a[k] - b[k];
          sum += difference * difference;
        }
        distances[i][j] = sum;
        distances[j][i] = sum;
      }
    }
    return distances;
  }

  /** The symmetric probabilities of being neighbours, row-major; their sum is 1. */
  static double[] affinities(double[][] distances) {
    int n = distances.length;
    double[] joint = new double[n * n];
    double perplexity = Math.min(PERPLEXITY, (n - 1) / 3.0);
    for (int i = 0; i < n; i++) {
      double[] row = conditional(distances[i], i, perplexity);
      for (int j = 0; j < n; j++) {
        joint[i * n + j] += row[j] / (2 * n);
        joint[j * n + i] += row[j] / (2 * n);
      }
    }
    return joint;
  }

  /** Gaussian weights of one image's neighbours, as wide as the perplexity asks for: bisection. */
  private static double[] conditional(double[] distances, int self, double perplexity) {
    double low = 0;
    double high = Double.POSITIVE_INFINITY;
    double precision = 1;
    double[] p = new double[distances.length];
    for (int round = 0; round < 60; round++) {
      if (entropy(distances, self, precision, p) > Math.log(perplexity)) {
        low = precision;
        precision = Double.isInfinite(high) ? 2 * precision : (low + high) / 2;
      } else {
        high = precision;
        precision = (low + high) / 2;
      }
    }
    return p;
  }

  private static double entropy(double[] distances, int self, double precision, double[] p) {
    // Measured from the nearest neighbour, so that not all weights vanish.
    double nearest = Double.POSITIVE_INFINITY;
    for (int j = 0; j < p.length; j++) {
      nearest = j == self ? nearest : Math.min(nearest, distances[j]);
    }
    double sum = 0;
    for (int j = 0; j < p.length; j++) {
      p[j] = j == self ? 0 : Math.exp(-precision * (distances[j] - nearest));
      sum += p[j];
    }
    double entropy = 0;
    for (int j = 0; j < p.length; j++) {
      p[j] /= sum;
      entropy -= p[j] > 0 ? p[j] * Math.log(p[j]) : 0;
    }
    return entropy;
  }

  private static double[][] places(double[] flat) {
    double[][] places = new double[flat.length / 2][];
    for (int i = 0; i < places.length; i++) {
      places[i] = new double[] {flat[2 * i], flat[2 * i + 1]};
    }
    return places;
  }

  /** The share of points whose nearest neighbour on the map has the same label. */
  static double neighbourAccuracy(double[][] map, int[] labels) {
    int right = 0;
    for (int i = 0; i < map.length; i++) {
      int nearest = -1;
      double least = Double.POSITIVE_INFINITY;
      for (int j = 0; j < map.length; j++) {
        double distance = Math.hypot(map[i][0] - map[j][0], map[i][1] - map[j][1]);
        if (j != i && distance < least) {
          least = distance;
          nearest = j;
        }
      }
      right += labels[nearest] == labels[i] ? 1 : 0;
    }
    return (double) right / map.length;
  }

  static Figure picture(double[][] map, int[] labels) {
    double reach = 0;
    for (double[] place : map) {
      reach = Math.max(reach, 1.08 * Math.max(Math.abs(place[0]), Math.abs(place[1])));
    }
    Figure figure =
        new Figure(
                "t-SNE of handwritten digits",
                "%d images; each is drawn as the digit that it shows".formatted(map.length),
                Axis.linear("", -reach, reach),
                Axis.linear("", -reach, reach))
            .size(640, 600);
    for (int i = 0; i < map.length; i++) {
      figure.add(new Layer.Sign(Integer.toString(labels[i]), labels[i], map[i][0], map[i][1]));
    }
    return figure;
  }
}
