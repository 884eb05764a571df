package talweg.fetch;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The data sets that can be fetched. A mirror is trusted for nothing but being reachable: what it
 * sends must have the size and SHA-256 that stand here.
 */
public enum Catalog {
  /** Handwritten digits by Y. LeCun, C. Cortes and C. Burges. */
  MNIST(
      "MNIST, by Y. LeCun, C. Cortes and C. Burges, CC BY-SA 3.0",
      List.of(
          new RemoteFile(
              "train-images-idx3-ubyte.gz",
              9_912_422,
              "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
          new RemoteFile(
              "train-labels-idx1-ubyte.gz",
              28_881,
              "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
          new RemoteFile(
              "t10k-images-idx3-ubyte.gz",
              1_648_877,
              "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
          new RemoteFile(
              "t10k-labels-idx1-ubyte.gz",
              4_542,
              "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")),
      "https://storage.googleapis.com/cvdf-datasets/mnist/",
      "https://ossci-datasets.s3.amazonaws.com/mnist/"),

  /** Zalando's articles of clothing. */
  FASHION_MNIST(
      "Fashion-MNIST, by Zalando SE, MIT licence",
      List.of(
          new RemoteFile(
              "train-images-idx3-ubyte.gz",
              26_421_880,
              "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
          new RemoteFile(
              "train-labels-idx1-ubyte.gz",
              29_515,
              "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
          new RemoteFile(
              "t10k-images-idx3-ubyte.gz",
              4_422_102,
              "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
          new RemoteFile(
              "t10k-labels-idx1-ubyte.gz",
              5_148,
              "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5")),
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
      "https://storage.googleapis.com/tensorflow/tf-keras-datasets/");

  private final String credit;
  private final List<RemoteFile> files;
  private final List<URI> mirrors;

  Catalog(String credit, List<RemoteFile> files, String... mirrors) {
    this.credit = credit;
    this.files = files;
    this.mirrors = Stream.of(mirrors).map(URI::create).toList();
  }

  /** The name on the command line, such as {@code fashion-mnist}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What it is, who made it, and under which licence. */
  public String credit() {
    return credit;
  }

  /** The files. */
  public List<RemoteFile> files() {
    return files;
  }

  /** Addresses to which a file's name is appended, in the order in which they are tried. */
  public List<URI> mirrors() {
    return mirrors;
  }
}
