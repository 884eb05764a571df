/**
 * Tensors, autodiff, networks, optimizers and training, without native code and without a fast
 * backend.
 */
module talweg.core {
  requires tools.jackson.databind;
  requires java.desktop;
  requires org.slf4j;

  exports talweg.autograd;
  exports talweg.conformance;
  exports talweg.data;
  exports talweg.error;
  exports talweg.io;
  exports talweg.nn;
  exports talweg.op;
  exports talweg.optim;
  exports talweg.optim.schedule;
  exports talweg.reference;
  exports talweg.session;
  exports talweg.solve;
  exports talweg.spi;
  exports talweg.tensor;
  exports talweg.tensorboard;
  exports talweg.train;

  uses talweg.spi.BackendProvider;

  provides talweg.spi.BackendProvider with
      talweg.reference.ReferenceProvider;
}
