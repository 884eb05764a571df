package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.data.Dataset;
import talweg.error.BackendException;
import talweg.nn.Activation;
import talweg.nn.Dropout;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.op.RandomKind;
import talweg.optim.Optimizers;
import talweg.session.Capture;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.spi.DeviceSpec;
import talweg.spi.Replay;
import talweg.tensor.DType;
import talweg.tensor.Tensor;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;

/** Recorded steps; that nothing is left behind is checked after each test. */
@ExtendWith(SimulatedCuda.class)
class GraphsTest {
  @Test
  void aReplayIsOneCallThatComputesAgain(SimulatedGpu gpu) {
    try (Session session = Session.open("cuda")) {
      Tensor x = session.tensor(new float[] {1, 2, 3}, 3);
      Tensor sum = session.zeros(DType.F32);
      Runnable step =
          () -> {
            try (Scope _ = session.scope("step")) {
              sum.assign(x.mul(x).add(1).sum());
            }
          };
      step.run();
      Capture capture = session.capture(step);
      assertEquals(17, sum.item());
      x.assign(new double[] {1, 1, 1});
      assertEquals(17, sum.item());

      int launches = gpu.calls("cuLaunchKernel");
      int graphs = gpu.calls("cuGraphLaunch");
      capture.replay();
      assertEquals(launches, gpu.calls("cuLaunchKernel"));
      assertEquals(graphs + 1, gpu.calls("cuGraphLaunch"));
      assertEquals(6, sum.item());
    }
  }

  @Test
  void aStepThatNeverRanBeforeCanBeRecorded() {
    try (Session session = Session.open("cuda")) {
      Tensor x = session.tensor(new float[] {1, -2, 3}, 3);
      Tensor out = session.zeros(DType.F32, 3);
      Tensor random = session.zeros(DType.F64, 4);
      Capture capture =
          session.capture(() -> {
            out.assign(x.relu().mul(2).add(x.sigmoid().mul(0)));
            random.assign(session.random(RandomKind.UNIFORM, DType.F64, 4));
          });
      assertArrayEquals(new float[] {2, 0, 6}, out.toFloats());
      double[] first = random.toDoubles();
      x.assign(new double[] {-1, 5, 0});
      capture.replay();
      assertArrayEquals(new float[] {0, 10, 0}, out.toFloats());
      double[] second = random.toDoubles();
      for (int i = 0; i < 4; i++) {
        assertTrue(first[i] != second[i]);
      }
    }
  }

  @Test
  void aStepThatFailsWhileItIsRecordedLeavesTheSessionUsable(SimulatedGpu gpu) {
    try (Session session = Session.open("cuda")) {
      Tensor x = session.tensor(new float[] {1}, 1);
      IllegalStateException failure = new IllegalStateException("the body's own");
      assertSame(
          failure,
          assertThrows(
              IllegalStateException.class,
              () ->
                  session.capture(() -> {
                    x.add(x);
                    throw failure;
                  })));
      assertThrows(BackendException.class, () -> session.capture(x::item));
      assertEquals(2, x.add(x).item());
      Tensor out = session.zeros(DType.F32, 1);
      session.capture(() -> out.assign(x.add(3))).replay();
      assertEquals(4, out.item());
    }
  }

  @Test
  void aClosedRecordingGivesItsGraphBack(SimulatedGpu gpu) {
    try (Session session = Session.open("cuda")) {
      Tensor x = session.tensor(new float[] {1, 2}, 2);
      Tensor out = session.zeros(DType.F32, 2);
      Capture capture = session.capture(() -> out.assign(x.mul(3)));
      int destroyed = gpu.calls("cuGraphExecDestroy");
      capture.close();
      capture.close();
      assertTrue(gpu.calls("cuGraphExecDestroy") > destroyed);
      assertArrayEquals(new float[] {3, 6}, out.toFloats());
    }
  }

  @Test
  void scratchThatARecordingUsesStaysWhereItWas(SimulatedGpu gpu) {
    try (Device device = Device.open(DeviceSpec.DEFAULT)) {
      long[] recorded = new long[1];
      Replay replay =
          device.capture(() -> recorded[0] = device.scratch(Device.Scratch.LAYERS, 1000));
      int live = gpu.liveAllocations();
      device.scratch(Device.Scratch.LAYERS, 100_000);
      assertEquals(live + 1, gpu.liveAllocations());
      replay.close();
      assertEquals(live, gpu.liveAllocations());
    }
  }

  @Test
  void scratchStaysAsLongAsAnyRecordingIsOpen(SimulatedGpu gpu) {
    try (Device device = Device.open(DeviceSpec.DEFAULT)) {
      long[] used = new long[2];
      Replay first = device.capture(() -> used[0] = device.scratch(Device.Scratch.LAYERS, 1000));
      Replay second = device.capture(() -> used[1] = device.scratch(Device.Scratch.LAYERS, 9000));
      int live = gpu.liveAllocations();
      second.close();
      assertEquals(live, gpu.liveAllocations());
      first.close();
      assertEquals(live - 1, gpu.liveAllocations());
    }
  }

  @Test
  void memoryStaysFlatOverReplays(SimulatedGpu gpu) {
    try (Session session = Session.open("cuda")) {
      Tensor x = session.tensor(new float[] {1, 2}, 2);
      Capture capture = session.capture(() -> x.assign(x.mul(0.5).add(1)));
      long bytes = gpu.liveBytes();
      int allocations = gpu.calls("cuMemAllocAsync");
      for (int i = 0; i < 1000; i++) {
        capture.replay();
      }
      assertEquals(bytes, gpu.liveBytes());
      assertEquals(allocations, gpu.calls("cuMemAllocAsync"));
      assertArrayEquals(new float[] {2, 2}, x.toFloats());
    }
  }

  @Test
  void aTrainingStepIsOneGraph(SimulatedGpu gpu) {
    float[] x = new float[32 * 4];
    int[] labels = new int[32];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i * 37 % 11 - 5) / 5f;
      labels[i / 4] = i / 4 % 2;
    }
    Dataset data = Dataset.classification("data", x, new int[] {4}, labels, 2);
    try (Session session = Session.open("cuda")) {
      Module model =
          new Sequential(
                  new Linear(4, 8),
                  new Activation(Activation.Kind.RELU),
                  new Dropout(0.2),
                  new Linear(8, 2))
              .init(session, 1);
      TrainerOptions options = TrainerOptions.of(3, 8);
      new Trainer(model, Objective.crossEntropy(), Optimizers.adamW(1e-2), options).fit(data);
    }
    // Of 12 steps the first runs as written, and so do those whose parts are timed.
    assertEquals(1, gpu.calls("cuGraphInstantiateWithFlags"));
    assertTrue(gpu.calls("cuGraphLaunch") >= 9, gpu.calls()::toString);
  }
}
