package talweg.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.data.Dataset;
import talweg.error.OutOfMemoryException;
import talweg.error.TalwegException;
import talweg.nn.Activation;
import talweg.nn.Dropout;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.op.NonFinite;
import talweg.op.RandomKind;
import talweg.optim.Clip;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.optim.Schedule;
import talweg.optim.schedule.Schedules;
import talweg.session.Capture;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.tensor.DType;
import talweg.tensor.Tensor;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;

/**
 * Optimizers and trainers that share a session: each gives the bits that it gives alone, whatever
 * the others do.
 */
public abstract class SeveralOptimizersChecks {
  private static final int STEPS = 9;
  private static final int BATCH = 6;

  private final Supplier<Backend> backends;
  private Session session;

  protected SeveralOptimizersChecks(Supplier<Backend> backends) {
    this.backends = backends;
  }

  /** Members of an ensemble: all differ in what could leak from one to another. */
  enum Member {
    COSINE(
        Optimizers.adamW(1).schedule(new Schedule.Cosine(1e-2, 12, 0)), OptimizerOptions.DEFAULT),
    STEPWISE(
        Optimizers.sgd(0.9, 0, true, 1e-3).schedule(Schedule.of(0.1, 0.05, 0.01, 0.002)),
        OptimizerOptions.DEFAULT.clip(Clip.byGlobalNorm(0.3))),
    ACCUMULATING(
        Optimizers.lamb(1e-2).schedule(new Schedule.Cosine(1e-2, 5, 1e-3)),
        OptimizerOptions.DEFAULT.accumulate(2).nonFinite(NonFinite.SKIP)),
    COMPOSED(
        Optimizers.adam(1).schedule(new Schedule.Cosine(1e-2, 20, 0)),
        OptimizerOptions.DEFAULT.composed(true).clip(new Clip.ByValue(0.01)));

    private final OptimizerSpec spec;
    private final OptimizerOptions options;

    Member(OptimizerSpec spec, OptimizerOptions options) {
      this.spec = spec;
      this.options = options;
    }
  }

  /** A network with dropout, its optimizer and a loop written out. */
  private final class Loop {
    private final Member member;
    private final Module model;
    private final Optimizer optimizer;
    private final Tensor x;
    private final Tensor y;
    private Capture capture;

    Loop(Member member) {
      this.member = member;
      this.model = network().init(session, 3 + member.ordinal());
      this.optimizer = member.spec.bind(model, member.options);
      Random random = new Random(member.ordinal());
      this.x = session.tensor(floats(random, BATCH * 4), BATCH, 4);
      this.y = session.tensor(IntStream.range(0, BATCH).map(i -> i % 2).toArray(), BATCH);
    }

    void step(int number, boolean captured) {
      if (!captured || number < 2) {
        forwardBackward();
        optimizer.step();
      } else if (capture == null) {
        optimizer.prepare();
        capture =
            session.capture(() -> {
              forwardBackward();
              optimizer.apply();
            });
      } else {
        optimizer.prepare();
        capture.replay();
      }
    }

    private void forwardBackward() {
      for (int part = 0; part < member.options.accumulate(); part++) {
        try (var _ = session.scope("micro-batch")) {
          Losses.crossEntropy(model.forward(x), y).backward();
        }
      }
    }

    /** Everything that training has led to. */
    double[] result() {
      double[] counts = {
        optimizer.attemptedSteps(), optimizer.appliedSteps(), optimizer.learningRate()
      };
      return concat(weights(model), counts);
    }
  }

  @AfterEach
  void close() {
    if (session != null) {
      session.close();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void alternatingLoopsGiveTheBitsOfEachAlone(boolean captured) {
    double[][] alone = new double[Member.values().length][];
    for (Member member : Member.values()) {
      open();
      Loop loop = new Loop(member);
      IntStream.range(0, STEPS).forEach(step -> loop.step(step, captured));
      alone[member.ordinal()] = loop.result();
    }
    open();
    List<Loop> loops = Arrays.stream(Member.values()).map(Loop::new).toList();
    for (int step = 0; step < STEPS; step++) {
      for (Loop loop : loops) {
        loop.step(step, captured);
      }
    }
    for (Loop loop : loops) {
      assertArrayEquals(
          alone[loop.member.ordinal()], loop.result(), loop.member + " is what it is alone");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCapturedLoopGivesTheBitsOfTheLoopWrittenOut(Member member) {
    double[][] results = new double[2][];
    for (int captured = 0; captured < 2; captured++) {
      open();
      Loop loop = new Loop(member);
      for (int step = 0; step < STEPS; step++) {
        loop.step(step, captured == 1);
      }
      results[captured] = loop.result();
    }
    assertArrayEquals(results[0], results[1]);
  }

  @Test
  void anOptimizerThatIsBoundLaterChangesNothing() {
    open();
    Loop alone = new Loop(Member.COSINE);
    IntStream.range(0, STEPS).forEach(step -> alone.step(step, false));
    double[] expected = alone.result();
    open();
    Loop loop = new Loop(Member.COSINE);
    for (int step = 0; step < STEPS; step++) {
      loop.step(step, false);
      if (step == 4) {
        new Loop(Member.STEPWISE);
        session.random(RandomKind.NORMAL, DType.F32, 5);
      }
    }
    assertArrayEquals(expected, loop.result());
  }

  /** Generator and discriminator, each of which is a part of the other's loss. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void adversariesKeepTheirOwnSchedules(boolean captured) {
    open();
    Module generator = new Sequential(new Linear(2, 3)).init(session, 1);
    Module critic = new Sequential(new Linear(3, 4), new Dropout(0.2), new Linear(4, 1));
    critic.init(session, 2);
    Schedule fast = Schedule.of(0.1, 0.05, 0.025, 0.0125, 0.006, 0.003);
    Schedule slow = new Schedule.Cosine(1e-2, 12, 0);
    Optimizer forGenerator = Optimizers.sgd(1).schedule(fast).bind(generator);
    Optimizer forCritic = Optimizers.adam(1).schedule(slow).bind(critic);
    Tensor noise = session.zeros(DType.F32, BATCH, 2);
    Runnable criticsTurn =
        () -> {
          try (var _ = session.scope("critic")) {
            noise.assign(session.random(RandomKind.NORMAL, DType.F32, BATCH, 2));
            critic.forward(generator.forward(noise).detach()).square().mean().backward();
          }
        };
    Runnable generatorsTurn =
        () -> {
          try (var _ = session.scope("generator")) {
            critic.forward(generator.forward(noise)).mean().backward();
            forCritic.zeroGrad();
          }
        };
    Alternation turns =
        new Alternation(session, captured, criticsTurn, forCritic, generatorsTurn, forGenerator);
    double[] noises = new double[STEPS];
    for (int step = 0; step < 5; step++) {
      turns.run(step);
      assertEquals(fast.rate(step + 1), forGenerator.learningRate(), 1e-15);
      assertEquals(slow.rate(step + 1), forCritic.learningRate(), 1e-15);
      assertEquals(step + 1, forGenerator.appliedSteps());
      assertEquals(step + 1, forCritic.appliedSteps());
      noises[step] = noise.toDoubles()[0];
    }
    assertEquals(5, Arrays.stream(noises).limit(5).distinct().count(), "new noise each step");
  }

  /** Dropout between two parts, each with an optimizer: it is a layer of neither. */
  @Test
  void whatOptimizersTrainInPartsHasRandomNumbersOfItsOwn() {
    double[] expected = halves(false, false, false);
    assertArrayEquals(expected, halves(true, false, false), "whatever else is drawn");
    assertArrayEquals(expected, halves(false, true, false), "whichever is bound first");
    assertArrayEquals(expected, halves(true, true, true), "captured");
  }

  private double[] halves(boolean otherDraws, boolean lastFirst, boolean captured) {
    open();
    Module first = new Sequential(new Linear(4, 8));
    Module last = new Sequential(new Linear(8, 2));
    Module model = new Sequential(first, new Dropout(0.4), last).init(session, 5);
    Optimizer later = lastFirst ? Optimizers.adam(0.01).bind(last) : null;
    Optimizer one = Optimizers.sgd(0.1).bind(first);
    Optimizer two = lastFirst ? later : Optimizers.adam(0.01).bind(last);
    Tensor x = session.full(DType.F32, 0.5, BATCH, 4);
    Runnable forwardBackward =
        () -> {
          try (var _ = session.scope("step")) {
            model.forward(x).square().mean().backward();
          }
        };
    Capture capture = null;
    for (int step = 0; step < 5; step++) {
      if (otherDraws) {
        session.random(RandomKind.NORMAL, DType.F32, 3);
      }
      if (!captured || step == 0) {
        forwardBackward.run();
        one.step();
        two.step();
        continue;
      }
      one.prepare();
      two.prepare();
      if (capture != null) {
        capture.replay();
      } else {
        capture =
            session.capture(() -> {
              forwardBackward.run();
              one.apply();
              two.apply();
            });
      }
    }
    double[] result = weights(model);
    one.close();
    two.close();
    session.seed(1);
    float[] drawn = model.forward(x).toFloats();
    session.seed(1);
    assertArrayEquals(drawn, model.forward(x).toFloats(), "closed ones leave it to the session");
    return result;
  }

  /** The optimizer trains one model around a part that another model has, too. */
  @Test
  void aSharedPartLeavesBothModelsTheirRandomNumbers() {
    double[][] results = new double[2][];
    for (int draws = 0; draws < 2; draws++) {
      open();
      Module part = new Sequential(new Linear(4, 8));
      Module model = new Sequential(part, new Dropout(0.5)).init(session, 1);
      new Sequential(part, new Linear(8, 2)).init(session, 1);
      Optimizer optimizer = Optimizers.adamW(0.01).bind(model);
      Tensor x = session.full(DType.F32, 1, BATCH, 4);
      for (int step = 0; step < 3; step++) {
        session.random(RandomKind.NORMAL, DType.F32, 1 + draws);
        for (int i = 0; i < draws; i++) {
          session.random(RandomKind.NORMAL, DType.F32, 3);
        }
        try (var _ = session.scope("step")) {
          model.forward(x).square().mean().backward();
          optimizer.step();
        }
      }
      results[draws] = weights(model);
    }
    assertArrayEquals(results[0], results[1]);
  }

  /** The generator's step draws the critic's dropout, too, but does not end the critic's step. */
  @Test
  void adversariesGiveTheSameBitsCapturedOrNot() {
    double[][] results = new double[2][];
    for (int captured = 0; captured < 2; captured++) {
      open();
      Module generator = new Sequential(new Linear(2, 3)).init(session, 1);
      Module critic = new Sequential(new Linear(3, 8), new Dropout(0.4), new Linear(8, 1));
      critic.init(session, 2);
      Optimizer forGenerator = Optimizers.adam(1e-2).bind(generator);
      Optimizer forCritic = Optimizers.sgd(0.1).bind(critic);
      Tensor noise = session.full(DType.F32, 0.3, BATCH, 2);
      Tensor real = session.full(DType.F32, 0.7, BATCH, 3);
      Runnable criticsTurn =
          () -> {
            try (var _ = session.scope("critic")) {
              Tensor onFake = critic.forward(generator.forward(noise).detach()).square().mean();
              critic.forward(real).sub(1).square().mean().add(onFake).backward();
            }
          };
      Runnable generatorsTurn =
          () -> {
            try (var _ = session.scope("generator")) {
              critic.forward(generator.forward(noise)).sub(1).square().mean().backward();
              forCritic.zeroGrad();
            }
          };
      Alternation turns =
          new Alternation(
              session, captured == 1, criticsTurn, forCritic, generatorsTurn, forGenerator);
      IntStream.range(0, STEPS).forEach(turns::run);
      results[captured] = concat(weights(generator), weights(critic));
    }
    assertArrayEquals(results[0], results[1]);
  }

  /** Two captured or uncaptured half steps in turn. */
  private static final class Alternation {
    private final Session session;
    private final boolean captured;
    private final Runnable[] turns;
    private final Optimizer[] optimizers;
    private final Capture[] captures = new Capture[2];

    Alternation(
        Session session,
        boolean captured,
        Runnable first,
        Optimizer firsts,
        Runnable second,
        Optimizer seconds) {
      this.session = session;
      this.captured = captured;
      this.turns = new Runnable[] {first, second};
      this.optimizers = new Optimizer[] {firsts, seconds};
    }

    void run(int step) {
      for (int i = 0; i < 2; i++) {
        Runnable turn = turns[i];
        Optimizer optimizer = optimizers[i];
        if (!captured || step == 0) {
          turn.run();
          optimizer.step();
          continue;
        }
        optimizer.prepare();
        if (captures[i] != null) {
          captures[i].replay();
        } else {
          captures[i] =
              session.capture(() -> {
                turn.run();
                optimizer.apply();
              });
        }
      }
    }
  }

  @Test
  void trainersInTurnGiveTheBitsOfEachAlone() {
    double[][] alone = new double[2][];
    for (int i = 0; i < 2; i++) {
      open();
      Fit fit = new Fit(i);
      fit.train();
      fit.train();
      alone[i] = fit.result();
    }
    open();
    Fit[] fits = {new Fit(0), new Fit(1)};
    for (int round = 0; round < 2; round++) {
      for (Fit fit : fits) {
        fit.train();
      }
    }
    assertArrayEquals(alone[0], fits[0].result());
    assertArrayEquals(alone[1], fits[1].result());
    assertFalse(Arrays.equals(alone[0], alone[1]));
  }

  /** A trainer with captured steps, dropout, a cosine or a plateau. */
  private final class Fit {
    private final Module model;
    private final Trainer trainer;
    private final Dataset data;

    Fit(int number) {
      this.data = points(number);
      this.model = network().init(session, number);
      Schedule schedule =
          number == 0
              ? new Schedule.Cosine(1e-2, 40, 0)
              : Schedules.parse("plateau:base=0.01,factor=0.5,patience=0");
      this.trainer =
          new Trainer(
              model,
              Objective.crossEntropy(),
              Optimizers.adamW(1).schedule(schedule),
              TrainerOptions.of(3, 8)
                  .seed(number)
                  .optimizer(OptimizerOptions.DEFAULT.clip(Clip.byGlobalNorm(0.5 + number))));
    }

    void train() {
      trainer.fit(data, data);
    }

    double[] result() {
      double[] figures = {
        trainer.evaluate(data).loss(),
        trainer.optimizer().appliedSteps(),
        trainer.optimizer().learningRate()
      };
      return concat(weights(model), figures);
    }
  }

  @Test
  void parametersOfAnotherOptimizerAreRefused() {
    open();
    Module model = network().init(session, 1);
    Optimizer first = Optimizers.sgd(0.1).bind(model);
    double[] before = weights(model);
    TalwegException error =
        assertThrows(TalwegException.class, () -> Optimizers.adam(0.1).bind(model));
    assertTrue(error.getMessage().contains("\"0.weight\""), error.getMessage());
    assertTrue(error.getMessage().contains("close"), error.getMessage());
    Tensor x = session.full(DType.F32, 1, 2, 4);
    model.forward(x).square().mean().backward();
    first.step();
    assertFalse(Arrays.equals(before, weights(model)), "the first one still trains");
  }

  @Test
  void aClosedOptimizerMakesRoomForAnother() {
    open();
    Module model = network().init(session, 1);
    Tensor x = session.full(DType.F32, 1, 2, 4);
    session.trimMemory();
    long start = session.memory().held();
    Optimizer first = Optimizers.adam(0.1).bind(model);
    double[] before = weights(model);
    first.close();
    first.close();
    assertArrayEquals(before, weights(model));
    session.trimMemory();
    assertTrue(session.memory().held() <= start + 4096, "states and gradients are freed");
    assertThrows(TalwegException.class, first::step);
    Optimizer second = Optimizers.sgd(0.1).bind(model);
    model.forward(x).square().mean().backward();
    second.step();
    assertFalse(Arrays.equals(before, weights(model)));
    assertEquals(1, second.appliedSteps());
  }

  @Test
  void anOptimizerWhoseParametersWereReplacedRefusesToStep() {
    open();
    for (String how : List.of("init", "cast", "moved")) {
      Module model = network().init(session, 1);
      Optimizer optimizer = Optimizers.sgd(0.1).bind(model);
      try (Session other = new Session(backends.get())) {
        switch (how) {
          case "init" -> model.init(session, 2);
          case "cast" -> model.to(DType.F64);
          default -> model.to(other);
        }
        for (Runnable step : List.<Runnable>of(optimizer::step, optimizer::prepare)) {
          TalwegException error = assertThrows(TalwegException.class, step::run);
          assertTrue(error.getMessage().contains("replaced"), error.getMessage());
        }
        Optimizers.sgd(0.1).bind(model).close();
      }
    }
  }

  /** What an optimizer leaves behind when it is closed late is not the next one's. */
  @Test
  void closingAnOldOptimizerChangesNothingForTheNext() {
    double[][] results = new double[2][];
    for (int late = 0; late < 2; late++) {
      open();
      Module model = network().init(session, 1);
      Optimizer old = Optimizers.adam(0.1).bind(model);
      model.init(session, 2);
      if (late == 0) {
        old.close();
      }
      Optimizer next = Optimizers.adam(0.1).bind(model);
      if (late == 1) {
        old.close();
      }
      Tensor x = session.full(DType.F32, 1, 2, 4);
      for (int step = 0; step < 3; step++) {
        model.forward(x).square().mean().backward();
        next.step();
      }
      results[late] = weights(model);
    }
    assertArrayEquals(results[0], results[1]);
  }

  @Test
  void aBindThatFailsLeavesTheParametersToOthers() {
    double[] before;
    try (Session small = new Session(backends.get(), 3000)) {
      Module model = network().init(small, 1);
      before = weights(model);
      assertThrows(OutOfMemoryException.class, () -> Optimizers.adam(0.1).bind(model));
      assertArrayEquals(before, weights(model));
      TalwegException again =
          assertThrows(TalwegException.class, () -> Optimizers.adam(0.1).bind(model));
      assertTrue(again instanceof OutOfMemoryException, again::toString);
    }
  }

  private void open() {
    close();
    session = new Session(backends.get()).seed(77);
  }

  private static Module network() {
    return new Sequential(
        new Linear(4, 8), new Activation(Activation.Kind.TANH), new Dropout(0.3), new Linear(8, 2));
  }

  private static Dataset points(int seed) {
    int n = 20;
    int[] labels = IntStream.range(0, n).map(i -> i % 2).toArray();
    return Dataset.classification(
        "points", floats(new Random(seed), n * 4), new int[] {4}, labels, 2);
  }

  private static float[] floats(Random random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double[] weights(Module model) {
    return model.state().values().stream()
        .flatMapToDouble(tensor -> Arrays.stream(tensor.toDoubles()))
        .toArray();
  }

  private static double[] concat(double[] a, double[] b) {
    double[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }
}
