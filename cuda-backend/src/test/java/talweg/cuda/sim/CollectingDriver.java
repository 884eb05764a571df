package talweg.cuda.sim;

import java.nio.file.Path;
import talweg.nn.Activation;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizer;
import talweg.optim.Optimizers;
import talweg.session.Capture;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.Tensor;

/**
 * A program that trains on a simulated device whose driver lets the garbage be collected while it
 * is called. It ends at once, or, where a call holds a Java array meanwhile and the collector
 * cannot bear that, never.
 */
final class CollectingDriver {
  private CollectingDriver() {}

  public static void main(String[] args) {
    DriverLibraryFile library = new DriverLibraryFile(Path.of(args[0]));
    SimulatedGpu gpu = SimulatedGpu.standalone();
    gpu.collect();
    library.serve(gpu);
    System.setProperty("talweg.cuda.driver", library.file().toAbsolutePath().toString());
    System.setProperty("talweg.cuda.products", "own");
    try (Session session = Session.open("cuda")) {
      Module model =
          new Sequential(new Linear(3, 4), new Activation(Activation.Kind.RELU), new Linear(4, 2))
              .init(session, 1);
      Optimizer optimizer = Optimizers.adamW(1e-2).bind(model);
      Tensor x = session.tensor(new float[] {1, 2, 3, -1, 0, 1}, 2, 3);
      Runnable step =
          () -> {
            try (Scope _ = session.scope("step")) {
              model.forward(x).sum().backward();
            }
          };
      step.run();
      optimizer.step();
      try (Capture capture = session.capture(step)) {
        capture.replay();
      }
      System.out.println("ended after calls of " + gpu.calls().keySet());
    }
  }
}
