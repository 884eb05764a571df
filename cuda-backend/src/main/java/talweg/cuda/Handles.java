package talweg.cuda;

import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;

/**
 * JCuda's objects that {@link Driver} needs, too: JCuda tells what they stand for only to
 * subclasses.
 */
final class Handles {
  private Handles() {}

  static final class Context extends CUcontext {
    long address() {
      return getNativePointer();
    }
  }

  /** A device, which has a number for a handle. */
  static final class DeviceNumber extends CUdevice {
    int value() {
      return (int) getNativePointer();
    }
  }

  static final class Stream extends CUstream {
    long address() {
      return getNativePointer();
    }
  }

  static final class Event extends CUevent {
    long address() {
      return getNativePointer();
    }
  }

  static final class GraphExec extends CUgraphExec {
    long address() {
      return getNativePointer();
    }
  }
}
