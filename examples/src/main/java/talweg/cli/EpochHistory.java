package talweg.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import talweg.train.EpochResult;

/**
 * The epochs of a run as its report shows them: all of a few thousand, of more every second, fourth
 * and so on, so that neither memory nor page grow with their number.
 */
final class EpochHistory {
  static final int MOST = 2000;

  private final List<EpochResult> shown = new ArrayList<>();
  private int every = 1;
  private double seconds;
  private EpochResult last;

  /** Takes the next one in. */
  void add(EpochResult result) {
    last = result;
    seconds += result.seconds();
    if (isShown(result)) {
      shown.add(result);
    }
    if (shown.size() > MOST) {
      every *= 2;
      shown.removeIf(r -> !isShown(r));
    }
  }

  private boolean isShown(EpochResult result) {
    return (result.epoch() - 1) % every == 0;
  }

  /** Those that are shown, with the last one and another that must not be missing. */
  List<EpochResult> with(EpochResult kept) {
    List<EpochResult> epochs = new ArrayList<>(shown);
    for (EpochResult needed : List.of(kept, last)) {
      if (epochs.stream().noneMatch(r -> r.epoch() == needed.epoch())) {
        epochs.add(needed);
      }
    }
    epochs.sort(Comparator.comparingInt(EpochResult::epoch));
    return epochs;
  }

  /** Of all epochs. */
  double seconds() {
    return seconds;
  }
}
