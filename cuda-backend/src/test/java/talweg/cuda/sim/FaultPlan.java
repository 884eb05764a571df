package talweg.cuda.sim;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Counts driver calls and lets chosen ones fail. */
final class FaultPlan {
  private record Planned(int call, int code) {}

  private final Map<String, Integer> calls = new TreeMap<>();
  private final Map<String, Planned> planned = new HashMap<>();
  private int injected;

  /** Lets the nth call (from 1) of a function from now on fail with this code. */
  void fail(String function, int nth, int code) {
    planned.put(function, new Planned(calls.getOrDefault(function, 0) + nth, code));
  }

  /** Notes a call; gives the code that it fails with, 0 for none. */
  int enter(String function) {
    int number = calls.merge(function, 1, Integer::sum);
    Planned plan = planned.get(function);
    if (plan == null || plan.call != number) {
      return CuResult.SUCCESS;
    }
    planned.remove(function);
    injected++;
    return plan.code;
  }

  int count(String function) {
    return calls.getOrDefault(function, 0);
  }

  /** Calls so far by function. */
  Map<String, Integer> counts() {
    return Map.copyOf(calls);
  }

  /** How many failures were brought about. */
  int injected() {
    return injected;
  }
}
