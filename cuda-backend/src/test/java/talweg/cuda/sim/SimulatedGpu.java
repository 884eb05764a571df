package talweg.cuda.sim;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The state behind the simulated driver: memory, modules, streams and what went wrong. A fresh one
 * serves each test.
 */
public final class SimulatedGpu {
  /** A kernel that a caller has asked for. */
  static final class Function {
    final LoadedModule module;
    final Kernel kernel;
    int dynamicSharedLimit = 48 << 10;

    Function(LoadedModule module, Kernel kernel) {
      this.module = module;
      this.kernel = kernel;
    }
  }

  /** Pinned memory. */
  record Pinned(Arena arena, long bytes) {}

  DeviceModel model;
  DeviceMemory memory;
  final FaultPlan faults = new FaultPlan();
  final HandleTable<SimulatedStream> streams = new HandleTable<>("stream", 0x1000_0000L);
  final HandleTable<SimulatedEvent> events = new HandleTable<>("event", 0x2000_0000L);
  final HandleTable<LoadedModule> modules = new HandleTable<>("module", 0x3000_0000L);
  final HandleTable<Function> functions = new HandleTable<>("function", 0x4000_0000L);
  final HandleTable<List<Work>> graphs = new HandleTable<>("graph", 0x5000_0000L);
  final HandleTable<List<Work>> executables = new HandleTable<>("executable graph", 0x6000_0000L);
  final TreeMap<Long, Pinned> pinned = new TreeMap<>();
  final SimulatedStream defaultStream = new SimulatedStream();
  final ThreadLocal<Long> currentContext = ThreadLocal.withInitial(() -> 0L);
  final Map<String, Long> launches = new TreeMap<>();
  private final Map<String, PtxModule> parsed;
  private final List<String> leaks = new ArrayList<>();
  private boolean initialized;
  private int[] retained;
  private int sticky;
  private String fault;
  private String lastError;
  private Schedule schedule = Schedule.LOCKSTEP;
  private boolean deferring;
  private boolean collecting;
  private final Map<String, String> refused = new HashMap<>();
  private long instructions;

  SimulatedGpu(DeviceModel model, Map<String, PtxModule> parsed) {
    this.model = model;
    this.memory = new DeviceMemory(model.memoryBytes());
    this.parsed = parsed;
    this.retained = new int[model.devices()];
  }

  /** A device apart from any test, for the interpreter alone. */
  static SimulatedGpu standalone() {
    return new SimulatedGpu(DeviceModel.STANDARD, new HashMap<>());
  }

  // ---- what tests ask for and set

  /** Makes another machine of it, before anything was opened. */
  public void become(DeviceModel other) {
    if (!held().isEmpty()) {
      throw new IllegalStateException("in use: " + held());
    }
    model = other;
    memory = new DeviceMemory(other.memoryBytes());
    retained = new int[other.devices()];
  }

  /** Lets the nth call (from 1) of a driver function from now on fail with this code. */
  public void fail(String function, int nth, int code) {
    faults.fail(function, nth, code);
  }

  /** Number of calls of a driver function. */
  public int calls(String function) {
    return faults.count(function);
  }

  /** Calls of all driver functions so far. */
  public Map<String, Integer> calls() {
    return faults.counts();
  }

  /** How many failures were brought about by {@link #fail}. */
  public int injected() {
    return faults.injected();
  }

  /** Launches of a kernel, replays included. */
  public long launches(String kernel) {
    return launches.getOrDefault(kernel, 0L);
  }

  /** Launches by kernel, replays included. */
  public Map<String, Long> launches() {
    return Map.copyOf(launches);
  }

  /** What the graphs that can be launched do, in order. */
  public List<String> nodes() {
    return executables.all().stream().flatMap(List::stream).map(Work::kind).toList();
  }

  public int liveAllocations() {
    return memory.liveCount();
  }

  public long liveBytes() {
    return memory.used();
  }

  public long peakBytes() {
    return memory.peak();
  }

  public long pinnedBytes() {
    return pinned.values().stream().mapToLong(Pinned::bytes).sum();
  }

  /** Instructions run so far, counted for each thread. */
  public long instructions() {
    return instructions;
  }

  /** In which order threads run from now on. */
  public void schedule(Schedule order) {
    schedule = order;
  }

  /**
   * From now on streams do their work only when somebody waits for it: what is read, changed or
   * freed too early then shows.
   */
  public void defer() {
    deferring = true;
  }

  /**
   * From now on the garbage is collected during the first calls of each function: a caller that
   * holds a Java array meanwhile waits for ever under the serial and the parallel collector.
   */
  public void collect() {
    collecting = true;
  }

  boolean collecting() {
    return collecting;
  }

  /** Lets the driver's compiler refuse this text from now on, and say why. */
  public void refuse(String ptx, String reason) {
    refused.put(ptx, reason);
  }

  /** What broke the context, with kernel, thread and instruction; null if nothing did. */
  public String fault() {
    return fault;
  }

  /** The reason behind the last error code, null if there was none. */
  public String lastError() {
    return lastError;
  }

  /** The fault, which is thereby expected: the end of the test does not report it any more. */
  public String takeFault() {
    String taken = fault;
    fault = null;
    return taken;
  }

  /** What was never given back, as lines for people. */
  public List<String> leaks() {
    List<String> lines = new ArrayList<>(leaks);
    lines.addAll(held());
    return lines;
  }

  private List<String> held() {
    List<String> lines = new ArrayList<>(memory.describeLive());
    pinned.values().forEach(p -> lines.add("pinned memory, " + p.bytes() + " bytes"));
    for (HandleTable<?> table : List.of(streams, events, modules, graphs, executables)) {
      if (table.size() > 0) {
        lines.add(table.size() + " of kind " + table.kind());
      }
    }
    for (int i = 0; i < retained.length; i++) {
      if (retained[i] > 0) {
        lines.add("context of device " + i + ", retained " + retained[i] + " times");
      }
    }
    return lines;
  }

  // ---- for the driver's functions

  void initialize() {
    initialized = true;
  }

  boolean initialized() {
    return initialized;
  }

  int sticky() {
    return sticky;
  }

  void noteError(String message) {
    lastError = message;
  }

  PtxModule parse(String text) {
    if (refused.containsKey(text)) {
      throw PtxFault.undecodable(refused.get(text));
    }
    return parsed.computeIfAbsent(text, PtxParser::parse);
  }

  SimulatedStream stream(long handle) {
    // 1 and 2 stand for the legacy and the per-thread default stream.
    return handle >= 0 && handle <= 2 ? defaultStream : streams.get(handle);
  }

  /** Whether a capture forbids unsafe calls to the calling thread. */
  boolean capturing() {
    return forbidding().findAny().isPresent();
  }

  void invalidateCaptures() {
    forbidding().forEach(Capture::invalidate);
  }

  private Stream<Capture> forbidding() {
    return streams.all().stream()
        .filter(SimulatedStream::capturing)
        .map(SimulatedStream::capture)
        .filter(Capture::forbidsUnsafeCalls);
  }

  /** Does work, now or when it is waited for, or records it where the stream captures. */
  void issue(SimulatedStream stream, Work work) {
    if (stream.capturing()) {
      stream.capture().add(stream, work);
    } else {
      enqueue(stream, work);
    }
  }

  void enqueue(SimulatedStream stream, Work work) {
    if (deferring) {
      stream.pending().add(work);
    } else {
      run(work);
    }
  }

  boolean deferring() {
    return deferring;
  }

  /** Does all work of a stream. */
  void finish(SimulatedStream stream) {
    while (!stream.pending().isEmpty()) {
      run(stream.pending().removeFirst());
    }
  }

  /** Does the work before the place where an event was recorded. */
  void finish(SimulatedEvent.Mark mark) {
    while (!mark.reached() && !mark.stream().pending().isEmpty()) {
      run(mark.stream().pending().removeFirst());
    }
  }

  void finishAll() {
    finish(defaultStream);
    streams.all().forEach(this::finish);
  }

  /** Faults of a kernel show in later calls only, as on a real device. */
  void run(Work work) {
    if (sticky != 0) {
      return;
    }
    try {
      work.action().run();
    } catch (PtxFault e) {
      sticky = e.code();
      fault = e.getMessage();
      lastError = e.getMessage();
    }
  }

  void launch(Kernel kernel, Grid grid, byte[] arguments) {
    launches.merge(kernel.name(), 1L, Long::sum);
    instructions += kernel.launch(memory, grid, arguments, schedule, model.instructionLimit());
  }

  void retain(int device) {
    retained[device]++;
  }

  /** The last release of a context frees all that is in it: a leak, unless it was broken. */
  void release(int device) {
    CuError.require(retained[device] > 0, CuResult.INVALID_CONTEXT, "the context was not retained");
    finishAll();
    retained[device]--;
    for (int count : retained) {
      if (count > 0) {
        return;
      }
    }
    if (sticky == 0) {
      leaks.addAll(held());
    }
    sticky = 0;
    destroyAll();
  }

  private void destroyAll() {
    defaultStream.pending().clear();
    memory.freeAll();
    modules.all().forEach(LoadedModule::unload);
    pinned.values().forEach(p -> p.arena().close());
    pinned.clear();
    for (HandleTable<?> table : List.of(streams, events, modules, functions, graphs, executables)) {
      table.clear();
    }
  }
}
