package talweg.optim.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.optim.Schedule;

/** The text form of schedules. */
class SchedulesTest {
  private static final ScheduleDefaults RUN = new ScheduleDefaults(0.1, 1000, 45);

  /** A random schedule of one kind. */
  private static Schedule random(ScheduleKind kind, Random random) {
    double base = random.nextDouble();
    double factor = random.nextDouble();
    long n = 1 + random.nextInt(1000);
    List<Long> at =
        LongStream.generate(() -> random.nextInt(99)).limit(2).sorted().boxed().toList();
    return switch (kind) {
      case CONSTANT -> new Schedule.Constant(base);
      case CONSTANT_FACTOR -> new ConstantFactor(base, factor, n);
      case LINEAR -> new LinearRamp(base, factor, random.nextDouble(), n);
      case POLYNOMIAL -> new PolynomialDecay(base, n, 1 + factor);
      case EXPONENTIAL -> new ExponentialDecay(base, 0.5 + factor / 2, n);
      case STEP -> new StepDecay(base, factor, n);
      case MULTI_STEP -> new MultiStepDecay(base, factor, at);
      case COSINE -> new Schedule.Cosine(base, n, base * factor);
      case COSINE_RESTARTS -> new CosineRestarts(base, n, 1 + random.nextInt(3), base * 1e-9);
      case CYCLIC -> new Cyclic(base, 2, n, n + 3, any(Cyclic.Mode.values(), random), 0.9);
      case ONE_CYCLE ->
          new OneCycle(
              base,
              n,
              factor / 2 + 1e-3,
              25,
              1e4,
              any(OneCycle.Anneal.values(), random),
              random.nextBoolean() && factor < 0.9);
      case INVERSE_SQRT -> new InverseSqrt(base, n);
      case PLATEAU -> plateau(base, factor, random);
      case RATES -> Schedule.of(base, factor, 1e-300, 3);
      case WARMUP -> new Schedule.Warmup(n, any(random));
      case SEQUENCE -> new Sequence(List.of(any(random), any(random), any(random)), at);
      case PRODUCT -> new Product(List.of(any(random), any(random)));
    };
  }

  private static Schedule plateau(double base, double factor, Random random) {
    Plateau.Goal goal = any(Plateau.Goal.values(), random);
    Schedule plateau =
        new Plateau(
            base, goal, factor, 1, 1e-4, random.nextBoolean(), 3, 0, 1e-8, 0, 0, goal.worst());
    for (int i = random.nextInt(6); i > 0; i--) {
      plateau = plateau.after(random.nextDouble());
    }
    return plateau;
  }

  private static Schedule any(Random random) {
    return random(any(ScheduleKind.values(), random), random);
  }

  private static <T> T any(T[] values, Random random) {
    return values[random.nextInt(values.length)];
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenReadsBackAsTheSame(ScheduleKind kind) {
    long seed = System.nanoTime();
    System.out.println("SchedulesTest.whatIsWrittenReadsBackAsTheSame: seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      Schedule schedule = random(kind, random);
      String text = Schedules.format(schedule);
      assertTrue(text.startsWith(kind.text()), text);
      assertEquals(schedule, Schedules.parse(text), text);
      // Defaults change nothing about a complete text.
      assertEquals(schedule, Schedules.parse(text, RUN), text);
      assertEquals(text, Schedules.format(Schedules.parse(text)));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "constant                   | constant:base=0.1",
        "cosine                     | cosine:base=0.1,total=1000,min=0",
        " Cosine : min = 1e-5       | cosine:base=0.1,total=1000,min=1.0E-5",
        "linear                     | linear:base=0.1,start=1,end=0,total=1000",
        "step:every=10              | step:base=0.1,factor=0.1,every=450steps",
        "step:every=10steps         | step:base=0.1,factor=0.1,every=10steps",
        "step:every=25%             | step:base=0.1,factor=0.1,every=250steps",
        "multistep:at=2/4,factor=.5 | multistep:base=0.1,factor=0.5,at=90steps/180steps",
        "exponential:factor=0.9     | exponential:base=0.1,factor=0.9,every=45steps",
        "cosine-restarts:first=0.4  | cosine-restarts:base=0.1,first=18steps,mult=1,min=0",
        "inverse-sqrt:warmup=1epochs| inverse-sqrt:base=0.1,warmup=45",
        "cyclic:up=5%,max=1         | cyclic:base=0.1,max=1,up=50,down=50,mode=triangular,gamma=1",
        "rates:values=1/0.5         | rates:values=1/0.5",
        "warmup:steps=5%(cosine)    | warmup:steps=50(cosine:base=0.1,total=950,min=0)",
        "sequence:at=10/40(constant;linear;cosine)"
            + " | sequence:at=10/40(constant:base=0.1;linear:base=0.1,start=1,end=0,total=30;"
            + "cosine:base=0.1,total=960,min=0)",
        "product(cosine;constant)" + " | product(cosine:base=0.1,total=1000,min=0;constant:base=1)",
      })
  void aRunFillsInWhatIsLeftOut(String text, String complete) {
    assertEquals(complete, Schedules.format(Schedules.parse(text, RUN)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                           | name of a schedule",
        "sinus                        | expected one of: constant, constant-factor, linear",
        "cosine:base=1,total=9,top=2  | `top` is not known; expected base, total, min",
        "cosine:total=9               | `base` is missing",
        "cosine:base=1                | `total` is missing",
        "cosine:base=1,total          | key=value",
        "cosine:base=1,base=2,total=3 | `base` only once",
        "cosine:base=x,total=9        | base: expected a number, got `x`",
        "cosine:base=1,total=9.5      | total: expected a number of steps",
        "cosine:base=1,total=-9       | total: expected a number of steps",
        "cosine:base=1,total=5%       | number of steps is not known",
        "cosine:base=1,total=5epochs  | length of an epoch is not known",
        "cosine:base=1,total=9(step)  | no schedules in parentheses",
        "cosine:base=1,total=9)       | expected the end",
        "cosine:base=1,total=9,min=NaN | min: expected a finite number >= 0, got NaN",
        "rates:values=1/-1            | finite number >= 0",
        "constant:base=-1             | finite number >= 0",
        "constant:base=Infinity       | finite number >= 0",
        "step:base=1,every=0          | every: expected at least 1, got 0",
        "multistep:base=1,at=5/3      | ascending order",
        "cyclic:base=0,max=1,up=5,mode=square | triangular or triangular2 or exp-range",
        "one-cycle:max=1,total=9,peak=1       | peak: expected less than 1",
        "one-cycle:max=1,total=9,peak=0.6,phases=3 | at most 0.5",
        "one-cycle:max=1,total=9,phases=4     | 2 or 3",
        "plateau:base=1,factor=1              | factor: expected less than 1",
        "plateau:base=1,patience=1.5          | whole number",
        "plateau:base=1,best=NaN              | best",
        "rates:values=1//2                    | values: expected a number",
        "warmup:steps=5                       | one schedule behind it",
        "warmup:steps=5(constant:base=1       | expected `)`",
        "sequence:at=5(constant:base=1)       | 1 schedules need 0 steps",
        "product                              | at least one",
      })
  void wrongTextsAreExplained(String text, String expected) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Schedules.parse(text)).getMessage();
    assertTrue(message.contains(expected.replace('`', '"')), message);
  }

  @Test
  void nestingIsBounded() {
    String deep = "warmup:steps=1(".repeat(10_000) + "constant:base=1" + ")".repeat(10_000);
    String message =
        assertThrows(IllegalArgumentException.class, () -> Schedules.parse(deep)).getMessage();
    assertTrue(message.contains("inside each other"), message.substring(message.length() - 200));
  }

  @Test
  void aLambdaHasNoTextForm() {
    assertThrows(IllegalArgumentException.class, () -> Schedules.format(step -> 0.1));
  }
}
