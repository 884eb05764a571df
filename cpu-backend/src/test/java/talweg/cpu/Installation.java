package talweg.cpu;

import java.util.Random;
import talweg.error.OutOfMemoryException;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** What a JVM of its own shows of the CPU backend: its device, and whether it computes right. */
final class Installation {
  private static final int N = 150;

  private Installation() {}

  /** With an argument, asks for so many bytes that the heap does not have, and goes on. */
  public static void main(String... args) {
    try (Session session = Session.open("cpu")) {
      System.out.println("device: " + session.backend().device());
      if (args.length > 0) {
        int elements = Integer.parseInt(args[0]) / Float.BYTES;
        try {
          session.zeros(DType.F32, elements);
        } catch (OutOfMemoryException e) {
          System.out.println("refused: " + e.getMessage());
        }
      }
      System.out.println("product: " + (isRight(session) ? "right" : "wrong"));
    }
  }

  private static boolean isRight(Session session) {
    Random random = new Random(1);
    double[] a = random.doubles(N * N, -1, 1).toArray();
    double[] b = random.doubles(N * N, -1, 1).toArray();
    Tensor product =
        session.tensor(a, N, N).to(DType.F32).matmul(session.tensor(b, N, N).to(DType.F32));
    double[] actual = product.add(1).toDoubles();
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        double sum = 1;
        for (int k = 0; k < N; k++) {
          sum += a[i * N + k] * b[k * N + j];
        }
        if (!(Math.abs(sum - actual[i * N + j]) < 1e-4)) {
          return false;
        }
      }
    }
    return true;
  }
}
