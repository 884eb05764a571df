package talweg.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.error.BackendException;
import talweg.error.BackendUnavailableException;
import talweg.spi.Finding;

/**
 * What multiplies matrices, the fastest first: cuBLAS bound directly, cuBLAS through JCublas, our
 * own kernels. Each one that is not there leaves its reason.
 */
final class ProductProviders implements AutoCloseable {
  /** Which to use: auto, cublas, jcublas or own. */
  static final String PROPERTY = "talweg.cuda.products";

  private static final Logger LOG = LoggerFactory.getLogger(ProductProviders.class);

  private final List<ProductProvider> providers;
  private final List<String> refusals;

  private ProductProviders(List<ProductProvider> providers, List<String> refusals) {
    this.providers = List.copyOf(providers);
    this.refusals = List.copyOf(refusals);
  }

  /**
   * Starts the best provider on a device.
   *
   * @throws BackendUnavailableException if the property asks for one that is not there
   */
  static ProductProviders open(Device device) {
    return open(device, CublasFiles.ofThisMachine(), System.getProperty(PROPERTY, "auto"));
  }

  static ProductProviders open(Device device, CublasFiles files, String asked) {
    List<String> refusals = new ArrayList<>();
    device.makeCurrent();
    ProductProvider fast =
        switch (asked) {
          case "auto" -> {
            ProductProvider direct = cublas(device, files, refusals);
            yield direct != null ? direct : jcublas(device, files, refusals);
          }
          case "cublas" -> required(cublas(device, files, refusals), asked, refusals);
          case "jcublas" -> required(jcublas(device, files, refusals), asked, refusals);
          case "own" -> null;
          default ->
              throw new BackendUnavailableException(
                  "-D%s=%s: expected auto, cublas, jcublas or own".formatted(PROPERTY, asked));
        };
    List<ProductProvider> providers = new ArrayList<>();
    if (fast != null) {
      providers.add(fast);
    } else if (!asked.equals("own")) {
      refusals.add(remedy(files));
      LOG.warn(
          "matrix products run in slower kernels, without cuBLAS: {}", String.join("; ", refusals));
    }
    providers.add(new TiledProducts(device));
    return new ProductProviders(providers, refusals);
  }

  private static ProductProvider required(
      ProductProvider provider, String asked, List<String> refusals) {
    if (provider == null) {
      throw new BackendUnavailableException(
          "-D%s=%s: %s".formatted(PROPERTY, asked, String.join("; ", refusals)));
    }
    return provider;
  }

  private static ProductProvider cublas(Device device, CublasFiles files, List<String> refusals) {
    for (String candidate : files.candidates()) {
      try {
        return new CublasProducts(device, Cublas.load(candidate), candidate);
      } catch (IllegalArgumentException | NoSuchElementException | BackendException e) {
        refusals.add("%s: %s".formatted(candidate, firstLine(e)));
      }
    }
    return null;
  }

  private static ProductProvider jcublas(Device device, CublasFiles files, List<String> refusals) {
    try {
      return JCublasProducts.open(device, files);
    } catch (BackendException e) {
      refusals.add("JCublas: " + firstLine(e));
      return null;
    }
  }

  private static String remedy(CublasFiles files) {
    return "looked in %s; install it, for example with `pip install nvidia-cublas`, and name its folder with -D%s=..."
        .formatted(files.places(), CublasFiles.PROPERTY);
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }

  void run(Product product) {
    for (ProductProvider provider : providers) {
      if (provider.run(product, Product.Epilogue.NONE)) {
        return;
      }
    }
    throw new IllegalStateException("matmul: no provider takes " + product);
  }

  /** The same with an epilogue, by the best provider or not at all. */
  boolean runFused(Product product, Product.Epilogue epilogue) {
    return providers.getFirst().run(product, epilogue);
  }

  /** For people: what multiplies. */
  String describe() {
    return providers.getFirst().describe();
  }

  /** For people: the provider in use, and what was looked for in vain. */
  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    findings.add(new Finding("products", true, describe()));
    refusals.forEach(refusal -> findings.add(new Finding("cuBLAS", false, refusal)));
    return findings;
  }

  @Override
  public void close() {
    providers.forEach(ProductProvider::close);
  }
}
