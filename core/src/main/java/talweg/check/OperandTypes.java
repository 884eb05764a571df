package talweg.check;

import java.util.List;
import talweg.error.DTypeException;
import talweg.op.FusedOp;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * Checks of operands' element types for layers, losses and fused operations, which name the operand
 * and the cast that helps. Below, backends only assert.
 */
public final class OperandTypes {
  private OperandTypes() {}

  /**
   * F32 or F64.
   *
   * @throws DTypeException naming operation and operand
   */
  public static void arithmetic(String operation, String operand, Tensor x) {
    if (!x.dtype().isArithmetic()) {
      throw wrong(operation, operand, "F32 or F64", x, DType.F32);
    }
  }

  /**
   * I32 or I64.
   *
   * @throws DTypeException naming operation and operand
   */
  public static void index(String operation, String operand, Tensor x) {
    if (!x.dtype().isIndex()) {
      throw wrong(operation, operand, "I32 or I64", x, DType.I32);
    }
  }

  /**
   * The type of another operand, which has been checked.
   *
   * @throws DTypeException naming operation and operands
   */
  public static void same(
      String operation, String operand, Tensor x, String model, Tensor reference) {
    if (x.dtype() != reference.dtype()) {
      throw wrong(
          operation, operand, reference.dtype() + ", as " + model + " is", x, reference.dtype());
    }
  }

  /**
   * The operands of a fused operation.
   *
   * @param in in the operation's order; further ones, or null ones, are not there
   * @throws DTypeException naming operation and operand
   */
  public static void fused(FusedOp op, Tensor... in) {
    String label = op.label();
    List<String> names = op.operands();
    // Where there is a weight, it has the type of the model, which the input has to follow.
    int model = names.contains("weight") && in[1] != null ? 1 : 0;
    arithmetic(label, names.get(model), in[model]);
    for (int i = 0; i < in.length; i++) {
      String name = names.get(i);
      if (in[i] == null) {
        continue;
      }
      switch (name) {
        case "target" -> index(label, name, in[i]);
        case "statistics" -> {
          if (in[i].dtype() != DType.F64) {
            throw wrong(label, name, "F64", in[i], DType.F64);
          }
        }
        default -> same(label, name, in[i], names.get(model), in[model]);
      }
    }
  }

  private static DTypeException wrong(
      String operation, String operand, String expected, Tensor x, DType cast) {
    return new DTypeException(
        "%s: expected %s in %s, got %s; cast it with %s.to(DType.%s)"
            .formatted(operation, operand, expected, x, operand, cast));
  }
}
