package talweg.fetch;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import talweg.cli.Main;

/** The command line where every attempt to use the network fails and is told on standard error. */
final class WithoutNetwork {
  static final String REFUSED = "no network here";

  private WithoutNetwork() {}

  public static void main(String[] args) {
    URL.setURLStreamHandlerFactory(protocol ->
        protocol.startsWith("http") || protocol.equals("ftp") ? new NoConnection() : null);
    Main.main(args);
  }

  private static final class NoConnection extends URLStreamHandler {
    @Override
    protected URLConnection openConnection(URL address) throws IOException {
      throw Provider.refused();
    }
  }

  /** Opens selectors and pipes, which clients need before they connect, but no channel. */
  public static final class Provider extends SelectorProvider {
    private final SelectorProvider real = real();

    private static SelectorProvider real() {
      try {
        Class<?> own = Class.forName("sun.nio.ch.DefaultSelectorProvider");
        return (SelectorProvider) own.getMethod("get").invoke(null);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("the JDK's own provider", e);
      }
    }

    private static IOException refused() {
      System.err.println(REFUSED);
      return new IOException(REFUSED);
    }

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
      throw refused();
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
      throw refused();
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
      throw refused();
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
      throw refused();
    }

    @Override
    public Pipe openPipe() throws IOException {
      return real.openPipe();
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
      return real.openSelector();
    }
  }
}
