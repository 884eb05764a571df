package talweg.session;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What captured work draws from streams that count steps. The numbers of its draws within a step
 * are recorded with it; the step is ended by the stream's owner, inside or elsewhere, such as that
 * of a critic which a generator's step only passes through. Where nobody ends it from one run to
 * the next, the counter is moved here, so that each has new numbers.
 */
final class CapturedDraws {
  private final Map<RandomStream, Integer> first = new LinkedHashMap<>();
  private final Map<RandomStream, Integer> next = new HashMap<>();
  private final Map<RandomStream, Long> moves = new HashMap<>();

  /** Streams whose step did not end inside. */
  private final Set<RandomStream> open = new LinkedHashSet<>();

  void draws(RandomStream stream) {
    first.putIfAbsent(stream, stream.nextSite());
    open.add(stream);
  }

  void restarted(RandomStream stream) {
    open.remove(stream);
  }

  /** The work is about to be done again. */
  void begin() {
    for (RandomStream stream : open) {
      if (stream.moves() == moves.get(stream)) {
        stream.advance();
      }
    }
    first.forEach(RandomStream::continueAt);
  }

  /** The work was recorded. */
  void recorded() {
    first.keySet().forEach(stream -> next.put(stream, stream.nextSite()));
    end();
  }

  /** The work was done again: streams are where the recorded one left them. */
  void end() {
    next.forEach(RandomStream::continueAt);
    next.keySet().forEach(stream -> moves.put(stream, stream.moves()));
  }
}
