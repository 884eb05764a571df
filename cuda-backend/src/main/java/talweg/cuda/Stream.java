package talweg.cuda;

import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUgraph;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** The one stream of a session: all of its work runs in the order in which it was issued. */
final class Stream implements AutoCloseable {
  private final Driver driver;
  private final Faults faults;
  private final Context context;
  private final Handles.Stream handle = new Handles.Stream();
  private final boolean waiting = Boolean.getBoolean(Faults.SYNC_PROPERTY);
  private final List<CUgraph> recorded = new ArrayList<>();
  private boolean capturing;

  Stream(Driver driver, Faults faults, Context context) {
    this.driver = driver;
    this.faults = faults;
    this.context = context;
    context.makeCurrent();
    faults.check(
        "cuStreamCreate",
        () -> JCudaDriver.cuStreamCreate(handle, CUstream_flags.CU_STREAM_NON_BLOCKING));
  }

  Driver driver() {
    return driver;
  }

  /** The driver's handle. */
  long handle() {
    return handle.address();
  }

  /** The same as an object of JCuda. */
  CUstream jcuda() {
    return handle;
  }

  Faults faults() {
    return faults;
  }

  /** Whether work is being recorded rather than done. */
  boolean isCapturing() {
    return capturing;
  }

  void launch(KernelFunction kernel, int gridX, int gridY, int gridZ, int threads, int shared) {
    context.makeCurrent();
    int code =
        driver.launch(
            kernel.handle(), gridX, gridY, gridZ, threads, shared, handle(), kernel.addresses());
    check(code, "cuLaunchKernel", kernel.name());
  }

  void launch(Handles.GraphExec graph) {
    context.makeCurrent();
    check(driver.launchGraph(graph.address(), handle()), "cuGraphLaunch", "captured step");
  }

  /** To be called after a launch. If told so, waits for its end, to name it if it fails. */
  void check(int code, String call, String kernel) {
    int end = code == 0 && waiting && !capturing ? driver.awaitStream(handle()) : code;
    if (end != 0) {
      throw faults.failed(end, call, kernel);
    }
  }

  void copyToDevice(long target, long source, long bytes) {
    faults.check(driver.copyToDevice(target, source, bytes, handle()), "cuMemcpyHtoDAsync");
  }

  void copyToHost(long target, long source, long bytes) {
    faults.check(driver.copyToHost(target, source, bytes, handle()), "cuMemcpyDtoHAsync");
  }

  void record(Handles.Event event) {
    faults.check(driver.record(event.address(), handle()), "cuEventRecord");
  }

  void await(Handles.Event event) {
    faults.check(driver.awaitEvent(event.address()), "cuEventSynchronize");
  }

  void synchronize() {
    faults.requireUsable();
    context.makeCurrent();
    faults.check(driver.awaitStream(handle()), "cuStreamSynchronize");
  }

  /** The driver's answer to waiting for all work, on the way out. */
  int tryAwait() {
    return driver.awaitStream(handle());
  }

  /** From now on work is recorded. What other threads or streams do is not looked at. */
  void beginCapture() {
    recorded.clear();
    beginPart();
  }

  private void beginPart() {
    faults.check(
        "cuStreamBeginCapture",
        () ->
            JCudaDriver.cuStreamBeginCapture(
                handle, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED));
    capturing = true;
  }

  /** Ends the recording and gives it, in parts to be run one after the other. */
  List<CUgraph> endCapture() {
    endPart();
    List<CUgraph> parts = List.copyOf(recorded);
    recorded.clear();
    return parts;
  }

  private void endPart() {
    CUgraph graph = new CUgraph();
    faults.check("cuStreamEndCapture", () -> JCudaDriver.cuStreamEndCapture(handle, graph));
    capturing = false;
    recorded.add(graph);
  }

  /** Gives a recording up, in whatever state it is. */
  void abandonCapture() {
    if (capturing) {
      capturing = false;
      CUgraph graph = new CUgraph();
      Faults.ignore(() -> {
        JCudaDriver.cuStreamEndCapture(handle, graph);
        JCudaDriver.cuGraphDestroy(graph);
      });
    }
    recorded.forEach(graph -> Faults.ignore(() -> JCudaDriver.cuGraphDestroy(graph)));
    recorded.clear();
  }

  /**
   * Does what must not happen while work is recorded, such as loading code, with this device's
   * context. A recording is cut in two there.
   */
  void outsideCapture(Runnable work) {
    context.makeCurrent();
    if (!capturing) {
      work.run();
      return;
    }
    endPart();
    work.run();
    beginPart();
  }

  @Override
  public void close() {
    Faults.ignore(() -> JCudaDriver.cuStreamDestroy(handle));
  }
}
