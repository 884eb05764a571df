package talweg.reference;

import talweg.backend.CaptureChecks;

/** A backend that cannot record: it runs the body again for each replay. */
class PlainCaptureTest extends CaptureChecks {
  PlainCaptureTest() {
    super(ReferenceBackend::new);
  }
}
