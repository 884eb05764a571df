package talweg.cuda;

/** Multiplies matrices on the device's stream: a library, or kernels of our own. */
interface ProductProvider extends AutoCloseable {
  /** For people: the library and its version. */
  String describe();

  /**
   * Issues a product.
   *
   * @return false if this provider does not offer it; then nothing was issued
   */
  boolean run(Product product, Product.Epilogue epilogue);

  @Override
  void close();
}
