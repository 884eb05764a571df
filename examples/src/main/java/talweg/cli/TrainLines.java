package talweg.cli;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import talweg.report.LossText;
import talweg.train.EpochResult;
import talweg.train.Evaluation;
import talweg.train.Progress;

/** The lines about the epochs of a training, in as many words as the terminal has room for. */
final class TrainLines {
  private static final int BAR = 24;
  private static final int LEAST_BAR = 4;

  /** What numbers may still grow by in later epochs. */
  private static final int RESERVE = 2;

  private final Console console;
  private final LossText loss;
  private final int epochs;
  private int width;
  private int form;

  TrainLines(Console console, LossText loss, int epochs) {
    this.console = console;
    this.loss = loss;
    this.epochs = epochs;
  }

  /** A finished epoch; all of a training look alike, unless the window is resized. */
  String epoch(EpochResult r) {
    if (width != console.width()) {
      width = console.width();
      form = 0;
    }
    List<Function<EpochResult, String>> forms =
        List.of(
            e -> metrics(e, loss::of) + speed(e.samplesPerSecond(), " samples/s"),
            e -> metrics(e, loss::brief) + speed(e.samplesPerSecond(), "/s"),
            e -> metrics(e, loss::brief),
            e -> metrics(e, loss::loss),
            e -> loss.loss(e.train()) + validation(e, " val ", loss::value));
    String line = head(r.epoch()) + forms.get(form).apply(r);
    while (form + 1 < forms.size() && Console.columns(line) + RESERVE > width) {
      form++;
      line = head(r.epoch()) + forms.get(form).apply(r);
    }
    return line;
  }

  /** A running epoch, on one line of the terminal. */
  String progress(Progress p) {
    String eta = "  ETA " + duration(p.secondsLeft());
    List<String> tails =
        List.of(
            loss.of(p.soFar()) + speed(p.samplesPerSecond(), " samples/s") + eta,
            loss.brief(p.soFar()) + speed(p.samplesPerSecond(), "/s") + eta,
            loss.brief(p.soFar()) + eta,
            loss.loss(p.soFar()) + eta);
    String head = head(p.epoch());
    for (String tail : tails) {
      int room = console.width() - 1 - head.length() - tail.length() - 1;
      if (room >= LEAST_BAR) {
        return head + bar((double) p.batch() / p.batches(), Math.min(BAR, room)) + " " + tail;
      }
    }
    return head + tails.getLast();
  }

  private String head(int epoch) {
    int digits = Integer.toString(epochs).length();
    return ("epoch %" + digits + "d/%d ").formatted(epoch, epochs);
  }

  private String metrics(EpochResult r, Function<Evaluation, String> text) {
    return text.apply(r.train()) + validation(r, "  val ", text);
  }

  private String validation(EpochResult r, String label, Function<Evaluation, String> text) {
    String gap = label.substring(0, label.indexOf('v'));
    return r.validation() == null
        ? ""
        : gap + console.bold(label.strip() + " " + text.apply(r.validation()));
  }

  private static String speed(double samplesPerSecond, String unit) {
    return Double.isNaN(samplesPerSecond)
        ? ""
        : String.format(Locale.ROOT, "  %,.0f%s", samplesPerSecond, unit);
  }

  private String bar(double share, int columns) {
    int full = (int) Math.round(share * columns);
    return console.green("━".repeat(full)) + console.dim("─".repeat(columns - full));
  }

  private static String duration(double seconds) {
    if (!(seconds >= 0 && seconds < Long.MAX_VALUE)) {
      return "-:--";
    }
    long s = Math.round(seconds);
    return s < 3600
        ? "%d:%02d".formatted(s / 60, s % 60)
        : "%d:%02d:%02d".formatted(s / 3600, s / 60 % 60, s % 60);
  }
}
