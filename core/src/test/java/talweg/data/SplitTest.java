package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.error.DataFormatException;
import talweg.error.ShapeException;

/** Training, validation and test parts: which rows they are, and what may be learned from them. */
class SplitTest {
  private static final CsvOptions TABLE = CsvOptions.defaults();

  @TempDir Path folder;

  /** Rows 0 to n - 1, whose only feature is their number. */
  private static Dataset rows(int... labels) {
    float[] numbers = new float[labels.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    int classes = Math.max(2, Arrays.stream(labels).max().orElse(0) + 1);
    return Dataset.classification("rows", numbers, new int[] {1}, labels, classes);
  }

  /** Every fourth row is of class 0. */
  private static Dataset twenty() {
    return rows(IntStream.range(0, 20).map(i -> i % 4 == 0 ? 0 : 1).toArray());
  }

  private static int[] numbers(Dataset part) {
    return IntStream.range(0, part.size()).map(i -> (int) part.features(i)[0]).toArray();
  }

  // ---- which rows

  @Test
  void theStandardTestPartIsThatOfTwoPartsAndTheRestIsDivided() {
    Split two = twenty().split(0.8, 42);
    Split three = twenty().split(SplitRule.standard(), 42);
    int[] train = {16, 1, 2, 8, 13, 15, 3, 12, 6, 17, 0, 4, 5, 7, 10, 19};
    assertArrayEquals(train, numbers(two.train()));
    assertArrayEquals(new int[] {18, 14, 9, 11}, numbers(two.test()));
    assertArrayEquals(numbers(two.test()), numbers(three.test()));
    assertArrayEquals(new int[] {17, 4}, numbers(three.validation()));
    assertArrayEquals(
        Arrays.stream(train).filter(row -> row != 17 && row != 4).toArray(),
        numbers(three.train()));
  }

  @Test
  void fractionsAreDrawnAtRandomOrClassByClass() {
    Split random = twenty().split(SplitRule.fractions(0.6, 0.2, 0.2), 42);
    assertArrayEquals(new int[] {18, 14, 9, 11}, numbers(random.test()));
    assertArrayEquals(new int[] {2, 12, 17, 4}, numbers(random.validation()));
    Split even = twenty().split(SplitRule.stratified(0.6, 0.2, 0.2), 42);
    assertArrayEquals(new int[] {4, 14, 9, 11}, numbers(even.test()));
    assertArrayEquals(new int[] {2, 12, 17, 5}, numbers(even.validation()));
    assertArrayEquals(new int[] {16, 1, 8, 13, 15, 3, 6, 0, 7, 10, 19, 18}, numbers(even.train()));
  }

  @Test
  void anotherSeedGivesOtherPartsOfTheSameSizes() {
    Split one = twenty().split(SplitRule.standard(), 1);
    Split other = twenty().split(SplitRule.standard(), 2);
    assertEquals(one.validation().size(), other.validation().size());
    assertFalse(Arrays.equals(numbers(one.validation()), numbers(other.validation())));
  }

  @ParameterizedTest
  @CsvSource({
    "1797, 0.70, 0.15, 0.15, 1257, 270",
    "100, 0.80, 0.10, 0.10, 80, 10",
    "100, 0.29, 0.71, 0, 29, 71",
    "50, 0.98, 0.01, 0.01, 48, 1",
    "7, 0.90, 0, 0.10, 6, 0"
  })
  void theTrainingPartIsRoundedDown(
      int n, double train, double validation, double test, int training, int validating) {
    Dataset data = rows(new int[n]);
    for (SplitRule rule :
        List.of(
            SplitRule.fractions(train, validation, test),
            SplitRule.stratified(train, validation, test))) {
      Split split = data.split(rule, 3);
      assertEquals(training, split.train().size(), rule::toString);
      assertEquals(validating, split.hasValidation() ? split.validation().size() : 0);
      assertEquals(n - training - validating, split.hasTest() ? split.test().size() : 0);
    }
  }

  @Test
  void theStandardPartsOfTheDigits() {
    Split split = rows(new int[1797]).split(SplitRule.standard(), 42);
    assertEquals("rows: 1293 training, 144 validation and 360 test examples", split.toString());
  }

  @Test
  void partsAreDisjointCompleteAndStratifiedUpToRounding() {
    long seed = System.nanoTime();
    System.out.println("SplitTest: seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 100; round++) {
      int n = 20 + random.nextInt(400);
      int classes = 2 + random.nextInt(6);
      int[] labels = random.ints(n, 0, classes).map(c -> random.nextInt(c + 1)).toArray();
      double test = 0.05 + 0.3 * random.nextDouble();
      double validation = 0.05 + 0.3 * random.nextDouble();
      SplitRule rule = SplitRule.stratified(1 - validation - test, validation, test);
      Split split = rows(labels).split(rule, random.nextLong());
      List<Integer> seen = new ArrayList<>();
      for (Dataset part : List.of(split.train(), split.validation(), split.test())) {
        Arrays.stream(numbers(part)).forEach(seen::add);
      }
      assertEquals(
          IntStream.range(0, n).boxed().toList(), seen.stream().sorted().toList(), rule::toString);
      int rest = n - split.test().size();
      for (int c = 0; c < classes; c++) {
        long all = count(labels, c);
        long tested = count(split.test().labels(), c);
        double expected = (double) all * split.test().size() / n;
        assertTrue(Math.abs(tested - expected) < 1, rule + ": " + tested + ", " + expected);
        long validated = count(split.validation().labels(), c);
        double share = (double) (all - tested) * split.validation().size() / rest;
        assertTrue(Math.abs(validated - share) < 1, rule + ": " + validated + ", " + share);
      }
    }
  }

  private static long count(int[] labels, int c) {
    return Arrays.stream(labels).filter(label -> label == c).count();
  }

  /** 40 and 40, of which a random fifth would be as uneven as 5 and 11. */
  @Test
  void halfAndHalfStaysHalfAndHalf() {
    Dataset data = rows(IntStream.range(0, 80).map(i -> i / 40).toArray());
    for (int seed = 0; seed < 5; seed++) {
      Split split = data.split(SplitRule.stratified(0.6, 0.2, 0.2), seed);
      assertEquals(8, count(split.test().labels(), 0));
      assertEquals(8, count(split.test().labels(), 1));
      assertEquals(8, count(split.validation().labels(), 0));
    }
  }

  @Test
  void quotasGoToTheLargestRemaindersAndThenToTheFirstClasses() {
    int[] labels = {0, 0, 0, 1, 1, 1, 2, 2, 2, 2};
    int[] rows = IntStream.range(0, 10).toArray();
    // 1.2, 1.2 and 1.6
    assertArrayEquals(new int[] {1, 1, 2}, Partition.quotas(rows, 4, labels));
    // 0.3, 0.3 and 0.4; 1.5, 1.5 and 2
    assertArrayEquals(new int[] {0, 0, 1}, Partition.quotas(rows, 1, labels));
    assertArrayEquals(new int[] {2, 1, 2}, Partition.quotas(rows, 5, labels));
    assertArrayEquals(new int[] {3, 3, 4}, Partition.quotas(rows, 10, labels));
  }

  // ---- parts that are not there

  @Test
  void aFractionOf0IsNoPart() {
    Split split = twenty().split(SplitRule.fractions(0.8, 0, 0.2), 42);
    assertFalse(split.hasValidation());
    assertArrayEquals(numbers(twenty().split(0.8, 42).train()), numbers(split.train()));
    String message = assertThrows(IllegalStateException.class, split::validation).getMessage();
    assertTrue(message.contains("expected a validation part, got none"), message);
    Split untested = twenty().split(SplitRule.stratified(0.5, 0.5, 0), 42);
    assertThrows(IllegalStateException.class, untested::test);
    assertEquals(10, untested.validation().size());
    Split all = twenty().split(SplitRule.fractions(1, 0, 0), 42);
    assertArrayEquals(IntStream.range(0, 20).toArray(), numbers(all.train()));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.5, 0.5",
    "0.5, 0.5, 0.5",
    "1.2, -0.1, -0.1",
    "0.7, 0.2, 0.2",
    "0.7, 0.1, 0.1",
    "NaN, 0.5, 0.5",
    "0.5, NaN, 0.5"
  })
  void fractionsThatAreNoneAreRefused(double train, double validation, double test) {
    for (boolean stratified : new boolean[] {false, true}) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new SplitRule(train, validation, OptionalDouble.of(test), stratified))
              .getMessage();
      assertTrue(message.contains("add up to 1"), message);
    }
  }

  @Test
  void tooFewRowsToTrainOnAreRefused() {
    for (SplitRule rule : List.of(SplitRule.standard(), SplitRule.stratified(0.1, 0.1, 0.8))) {
      String message =
          assertThrows(DataFormatException.class, () -> rows(0, 1).split(rule, 1)).getMessage();
      assertTrue(message.startsWith("rows: cannot split 2 examples into "), message);
      assertTrue(message.contains("at least one for training, got none"), message);
    }
    assertEquals(1, rows(0, 1, 1).split(SplitRule.standard(), 1).train().size());
  }

  @Test
  void partsOfOtherTasksAreRefused() {
    Dataset two = rows(0, 1);
    Dataset three = rows(0, 1, 2);
    for (String part : List.of("validation", "test")) {
      String message =
          assertThrows(
                  ShapeException.class,
                  () ->
                      Split.of(
                          two,
                          part.equals("test") ? two : three,
                          part.equals("test") ? three : two))
              .getMessage();
      assertTrue(message.contains("training and " + part + " data"), message);
    }
    assertEquals(3, Split.of(three, two.withNumClasses(3)).test().numClasses());
    assertThrows(IllegalArgumentException.class, () -> three.withNumClasses(2));
  }

  // ---- readers

  private static String table(int n, String kinds) {
    return "x,word,y\n"
        + IntStream.range(0, n)
            .mapToObj(i ->
                "%d,w%d,%s\n"
                    .formatted(
                        i * i,
                        i % 3,
                        kinds.isEmpty() ? i + ".5" : kinds.charAt(i % kinds.length())))
            .collect(Collectors.joining());
  }

  private Path file(String text) {
    return TestFiles.write(folder.resolve("t.csv"), text);
  }

  @ParameterizedTest
  @CsvSource({"aab", "''"})
  void tablesAreSplitAsDataSetsStreamedOrNot(String kinds) {
    Path file = file(table(60, kinds));
    for (SplitRule rule : List.of(SplitRule.standard(), SplitRule.stratified(0.6, 0.2, 0.2))) {
      Split expected = Csv.load(file).split(rule, 7);
      CsvSplit csv = Csv.split(file, TABLE, rule, 7);
      assertArrayEquals(plain(expected.train()), restored(csv, csv.split().train()));
      assertArrayEquals(plain(expected.validation()), restored(csv, csv.split().validation()));
      assertArrayEquals(plain(expected.test()), restored(csv, csv.split().test()));
      CsvSplit streamed = Csv.stream(file, TABLE, rule, 7, folder);
      assertEquals(csv.encoding().featureNames(), streamed.encoding().featureNames());
      assertTrue(streamed.split().validation().isStreamed());
      assertArrayEquals(
          sorted(restored(csv, csv.split().validation())),
          sorted(restored(streamed, streamed.split().validation())));
    }
  }

  /** The column x of standardized rows in its own unit. */
  private static int[] restored(CsvSplit csv, Dataset part) {
    int x = csv.encoding().featureNames().indexOf("x");
    Standardizer features = csv.encoding().features().orElseThrow();
    return IntStream.range(0, part.size())
        .map(i -> Math.round(features.restore(part.features(i))[x]))
        .toArray();
  }

  /** The column x of rows that are not standardized. */
  private static int[] plain(Dataset part) {
    int x = part.featureNames().indexOf("x");
    return IntStream.range(0, part.size()).map(i -> (int) part.features(i)[x]).toArray();
  }

  private static int[] sorted(int[] values) {
    return Arrays.stream(values).sorted().toArray();
  }

  @Test
  void nothingIsLearnedFromValidationAndTestRows() {
    int n = 40;
    Partition parts =
        Partition.of(
            "t", n, SplitRule.standard(), IntStream.range(0, n).map(i -> i % 2).toArray(), 5);
    String[] lines = table(n, "ab").split("\n");
    for (int row : parts.test()) {
      lines[row + 1] = "1e6,w1," + "ab".charAt(row % 2);
    }
    for (int row : parts.validation()) {
      lines[row + 1] = "-1e6,w2," + "ab".charAt(row % 2);
    }
    CsvSplit plain = Csv.split(file(table(n, "ab")), TABLE, SplitRule.standard(), 5);
    CsvSplit changed = Csv.split(file(String.join("\n", lines)), TABLE, SplitRule.standard(), 5);
    assertEquals(plain.encoding().toJson(), changed.encoding().toJson());
    assertArrayEquals(plain.split().train().features(), changed.split().train().features());
    for (Dataset part : List.of(changed.split().validation(), changed.split().test())) {
      for (int i = 0; i < part.size(); i++) {
        assertTrue(Math.abs(part.features(i)[0]) > 100, Arrays.toString(part.features(i)));
      }
    }
    assertNotEquals(
        plain.encoding().toJson(),
        Csv.split(file(String.join("\n", lines)), TABLE, SplitRule.standard(), 6)
            .encoding()
            .toJson());
  }

  private Path idx(String name, int images) {
    TestFiles.write(folder.resolve(name + "-images-idx3-ubyte"), TestFiles.images(images, 2, 2));
    TestFiles.write(folder.resolve(name + "-labels-idx1-ubyte"), TestFiles.labels(images));
    return folder;
  }

  /** Labels are the images' numbers. */
  @Test
  void theTestPartOfASinglePairIsItsEnd() {
    Split split = Idx.load(idx("train", 30), SplitRule.standard(), 4);
    assertFalse(Idx.hasTestPart(folder));
    assertArrayEquals(new int[] {27, 28, 29}, split.test().labels());
    assertEquals(3, split.validation().size());
    assertEquals(24, split.train().size());
    Split streamed = Idx.stream(folder, SplitRule.standard(), 4);
    assertArrayEquals(sorted(split.validation().labels()), sorted(streamed.validation().labels()));
    assertArrayEquals(split.test().labels(), streamed.test().labels());
    Split explicit = Idx.load(folder, SplitRule.fractions(0.5, 0.25, 0.25), 4);
    assertEquals(8, explicit.test().size());
    assertFalse(
        Arrays.equals(new int[] {22, 23, 24, 25, 26, 27, 28, 29}, explicit.test().labels()));
  }

  @Test
  void aPairForTheTestStaysTheTestPart() {
    idx("train", 20);
    idx("t10k", 5);
    assertTrue(Idx.hasTestPart(folder));
    for (SplitRule rule : List.of(SplitRule.standard(), SplitRule.stratified(0.9, 0.1, 0))) {
      Split split = Idx.load(folder, rule, 4);
      assertArrayEquals(new int[] {0, 1, 2, 3, 4}, split.test().labels());
      assertEquals(2, split.validation().size());
      assertEquals(18, split.train().size());
    }
    assertFalse(Idx.load(folder).hasValidation());
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Idx.load(folder, SplitRule.fractions(0.5, 0.2, 0.3), 4))
            .getMessage();
    assertTrue(message.contains("has a test part of its own"), message);
  }

  @Test
  void aFolderForTheTestStaysTheTestPart() {
    for (int i = 0; i < 10; i++) {
      for (String kind : List.of("a", "b")) {
        TestImages.write(
            folder.resolve("train/" + kind + "/" + i + ".png"), TestImages.gray(2, 2, i));
      }
    }
    TestImages.write(folder.resolve("test/a/1.png"), TestImages.gray(2, 2, 200));
    ImageOptions options = ImageOptions.defaults();
    Split split = ImageFolder.split(folder, options, SplitRule.standard(), 1).split();
    assertEquals(1, split.test().size());
    assertArrayEquals(new int[] {0, 1}, sorted(split.validation().labels()));
    assertEquals(18, split.train().size());
    assertThrows(
        IllegalArgumentException.class,
        () -> ImageFolder.split(folder, options, SplitRule.fractions(0.8, 0.1, 0.1), 1));
    Split whole =
        ImageFolder.split(folder.resolve("train"), options, SplitRule.standard(), 1).split();
    assertEquals(4, whole.test().size());
  }

  @Test
  void streamedFurtherTablesAreEncodedAlike() {
    CsvSplit csv = Csv.split(file(table(60, "ab")), TABLE, 0.8, 7);
    Path further = TestFiles.write(folder.resolve("u.csv"), table(30, "ba"));
    Dataset held = csv.encoding().load(further);
    Dataset streamed = csv.encoding().stream(further, folder);
    assertTrue(streamed.isStreamed());
    assertArrayEquals(held.features(), streamed.features());
    assertArrayEquals(held.labels(), streamed.labels());
  }
}
