package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.op.FusedActivation;
import talweg.op.FusedCall;
import talweg.spi.DeviceSpec;
import talweg.spi.Precision;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** Rounded copies of operands, where writes come past the backend that announces them. */
@ExtendWith(SimulatedCuda.class)
class MatMulTest {
  private static final float[] BEFORE = {1, 2, 3, 4};
  private static final float[] AFTER = {5, 6, 7, 8};

  /** Components of fused calls that are written. */
  private static final Set<String> OUTPUTS =
      Set.of(
          "out",
          "dSum",
          "dBias",
          "dWeight",
          "losses",
          "dLogits",
          "sums",
          "dx",
          "statistics",
          "state");

  /** Those of the same names that are only read. */
  private static final Set<String> INPUTS =
      Set.of("LinearGradients.dSum", "BatchNormBackward.statistics");

  private final Settings settings = new Settings();
  private final List<DeviceBuffer> buffers = new ArrayList<>();
  private Device device;
  private MatMul matMul;
  private View x;
  private View identity;
  private View out;

  /** A kind of call, and the component of it that is the operand of a product. */
  record Write(Class<?> call, String output) {
    @Override
    public String toString() {
      return call.getSimpleName() + "." + output;
    }
  }

  @BeforeEach
  void open() {
    settings.set(ProductProviders.PROPERTY, "own");
    device = Device.open(new DeviceSpec(0, 0, Precision.BF16));
    matMul = new MatMul(device, new Elementwise(device));
    x = floats(BEFORE);
    identity = floats(1, 0, 0, 1);
    out = floats(0, 0, 0, 0);
  }

  @AfterEach
  void close() {
    if (device != null) {
      matMul.close();
      buffers.forEach(device::release);
      device.close();
    }
    settings.restore();
  }

  /** A matrix of two rows. */
  private View floats(float... values) {
    DeviceBuffer buffer = device.allocate(DType.F32, values.length);
    buffers.add(buffer);
    View view = View.contiguous(buffer, 0, Shape.of(2, values.length / 2));
    device.upload(MemorySegment.ofArray(values), view);
    return view;
  }

  /** Of x, with what is known of it, and the identity. */
  private float[] product() {
    matMul.run(1, 0, x, identity, out);
    float[] values = new float[4];
    device.download(out, MemorySegment.ofArray(values));
    return values;
  }

  @Test
  void aFusedLinearLayerForgetsCopiesOfWhatItWrites(SimulatedGpu gpu) {
    assertArrayEquals(BEFORE, product());
    View weight = floats(2, 0, 0, 2);
    View bias = View.contiguous(floats(1, 1).buffer(), 0, Shape.of(2));
    View input = floats(AFTER);
    assertTrue(matMul.linear(input, weight, bias, FusedActivation.NONE, x));
    assertArrayEquals(new float[] {11, 13, 15, 17}, product());
  }

  static List<Write> writes() {
    List<Write> writes = new ArrayList<>();
    for (Class<?> call : FusedCall.class.getPermittedSubclasses()) {
      for (RecordComponent component : call.getRecordComponents()) {
        Write write = new Write(call, component.getName());
        if (OUTPUTS.contains(write.output) && !INPUTS.contains(write.toString())) {
          writes.add(write);
        }
      }
    }
    writes.removeIf(write -> isUpdate(write.call));
    return writes;
  }

  /** Updates write to all parameters, and are announced without saying where. */
  private static boolean isUpdate(Class<?> call) {
    return Arrays.stream(call.getRecordComponents())
        .anyMatch(component -> component.getType() == FusedCall.Update.class);
  }

  @Test
  void everyKindOfCallIsHere() {
    Set<Class<?>> found = new HashSet<>();
    writes().forEach(write -> found.add(write.call));
    for (Class<?> call : FusedCall.class.getPermittedSubclasses()) {
      assertTrue(isUpdate(call) || found.contains(call), call::toString);
    }
  }

  @ParameterizedTest
  @MethodSource("writes")
  void noAnnouncedWriteLeavesAStaleCopy(Write write, SimulatedGpu gpu)
      throws ReflectiveOperationException {
    assertArrayEquals(BEFORE, product());
    device.upload(MemorySegment.ofArray(AFTER), x);
    assertArrayEquals(BEFORE, product(), "not told of the write, it uses its copy");
    matMul.written(call(write));
    assertArrayEquals(AFTER, product());
  }

  /** A call that writes to x and, for the rest, to and from other memory. */
  private FusedCall call(Write write) throws ReflectiveOperationException {
    View other = floats(0, 0, 0, 0);
    RecordComponent[] components = write.call.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      if (types[i] == View.class) {
        values[i] = components[i].getName().equals(write.output) ? x : other;
      } else if (types[i].isPrimitive()) {
        values[i] = types[i] == int.class ? (Object) 1 : (Object) 1.0;
      } else if (types[i].isEnum()) {
        values[i] = types[i].getEnumConstants()[0];
      }
    }
    return (FusedCall) write.call.getDeclaredConstructor(types).newInstance(values);
  }
}
