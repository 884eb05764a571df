package talweg.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import talweg.error.DataFormatException;
import talweg.error.Printable;
import talweg.tensor.Tensor;

/** Copies of many tensors by name: to the host, and back into the same places. */
public final class NamedTensors {
  /** Complaints of one kind that a message names. */
  private static final int SHOWN = 5;

  private NamedTensors() {}

  /** Copies to the host, in the same order; waits for the device. */
  public static Map<String, HostTensor> copy(Map<String, Tensor> tensors) {
    Map<String, HostTensor> copies = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> copies.put(name, HostTensor.of(tensor)));
    return copies;
  }

  /**
   * Overwrites all tensors, or none if names, shapes or element types do not match. Narrower
   * floating types are widened, wider ones refused.
   *
   * @param what begins the error, e.g. the name of a file
   * @throws DataFormatException naming what is missing, unexpected, or different
   */
  public static void restore(
      String what, Map<String, Tensor> tensors, Map<String, HostTensor> values) {
    requireFitting(what, tensors, values);
    tensors.forEach((name, tensor) -> values.get(name).into(tensor));
  }

  /**
   * Checks what {@link #restore} would.
   *
   * @throws DataFormatException naming what is missing, unexpected, or different
   */
  public static void requireFitting(
      String what, Map<String, Tensor> tensors, Map<String, HostTensor> values) {
    List<String> complaints = new ArrayList<>();
    complain(
        complaints,
        "missing",
        tensors.entrySet().stream()
            .filter(e -> !values.containsKey(e.getKey()))
            .map(e -> shown(e.getKey(), e.getValue()))
            .toList());
    complain(
        complaints,
        "unexpected",
        values.entrySet().stream()
            .filter(e -> !tensors.containsKey(e.getKey()))
            .map(e -> Printable.name(e.getKey()) + " " + e.getValue())
            .toList());
    complain(
        complaints,
        "different",
        tensors.entrySet().stream()
            .filter(e -> values.containsKey(e.getKey()))
            .filter(e -> !fits(values.get(e.getKey()), e.getValue()))
            .map(e ->
                "expected %s, got %s"
                    .formatted(shown(e.getKey(), e.getValue()), values.get(e.getKey())))
            .toList());
    if (!complaints.isEmpty()) {
      throw new DataFormatException(
          "%s: does not fit this model: %s; use the network and the precision that it was saved from"
              .formatted(what, String.join("; ", complaints)));
    }
  }

  private static void complain(List<String> complaints, String kind, List<String> found) {
    if (found.isEmpty()) {
      return;
    }
    String named = String.join(", ", found.subList(0, Math.min(SHOWN, found.size())));
    complaints.add(
        kind
            + " "
            + named
            + (found.size() > SHOWN
                ? String.format(Locale.ROOT, " and %d more", found.size() - SHOWN)
                : ""));
  }

  private static boolean fits(HostTensor value, Tensor tensor) {
    return value.shape().equals(tensor.shape()) && value.fits(tensor.dtype());
  }

  private static String shown(String name, Tensor tensor) {
    return Printable.name(name) + " " + tensor.dtype() + tensor.shape();
  }
}
