package talweg.reference;

import talweg.backend.OperandTypesChecks;

class OperandTypesTest extends OperandTypesChecks {
  OperandTypesTest() {
    super(ReferenceBackend::new);
  }
}
