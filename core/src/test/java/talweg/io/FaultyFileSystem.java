package talweg.io;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * A view of real files on which chosen operations fail, or on which the power is cut: then only
 * what was forced to the disk is there, files that were moved have their old names, and new folders
 * are gone, unless the folder around them was forced. Operations are numbered from 1: creating,
 * opening, reading, writing, forcing, moving and deleting.
 */
public final class FaultyFileSystem extends FileSystem {
  /** The power went off. */
  public static final class PowerCut extends Error {
    private static final long serialVersionUID = 1L;
  }

  private final FileSystem real;
  private final Provider provider = new Provider();
  private final List<Path> unforced = new ArrayList<>();
  private final List<Path[]> unforcedMoves = new ArrayList<>();
  private final List<Path> unforcedFolders = new ArrayList<>();
  private LongPredicate fails = _ -> false;
  private long cutAt = Long.MAX_VALUE;
  private long operations;
  private boolean off;

  private FaultyFileSystem(FileSystem real) {
    this.real = real;
  }

  /** A view of a real folder, and of the rest of its file system. */
  public static Path over(Path folder) {
    FaultyFileSystem files = new FaultyFileSystem(folder.getFileSystem());
    return files.new Shown(folder.toAbsolutePath());
  }

  public static FaultyFileSystem of(Path shown) {
    return (FaultyFileSystem) shown.getFileSystem();
  }

  /** Operations that fail, as on a full disk: a write leaves half of its bytes. */
  public void failing(LongPredicate which) {
    fails = which;
  }

  /** The operation at which the power goes off. */
  public void cutAt(long operation) {
    cutAt = operation;
  }

  /** Operations so far. */
  public long operations() {
    return operations;
  }

  private void operation() throws IOException {
    if (off) {
      throw new PowerCut();
    }
    operations++;
    if (operations == cutAt) {
      off = true;
      loseWhatWasNotForced();
      throw new PowerCut();
    }
    if (fails.test(operations)) {
      throw new IOException("No space left on device (operation " + operations + ")");
    }
  }

  private void loseWhatWasNotForced() throws IOException {
    for (Path[] move : unforcedMoves.reversed()) {
      Files.move(move[1], move[0], StandardCopyOption.REPLACE_EXISTING);
    }
    for (Path lost : unforcedFolders) {
      Files.move(lost, lost.resolveSibling("lost-" + lost.getFileName()));
    }
    for (Path file : unforced) {
      if (Files.exists(file)) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.truncate(channel.size() / 2);
        }
      }
    }
  }

  private static Path real(Path shown) {
    return ((Shown) shown).real;
  }

  private final class Provider extends FileSystemProvider {
    @Override
    public FileChannel newFileChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      operation();
      Path file = real(path);
      if (options.contains(StandardOpenOption.WRITE)) {
        unforced.add(file);
      }
      return new Channel(file, FileChannel.open(file, options, attributes));
    }

    @Override
    public SeekableByteChannel newByteChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      return newFileChannel(path, options, attributes);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
        Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
      List<Path> found = new ArrayList<>();
      try (DirectoryStream<Path> files = Files.newDirectoryStream(real(folder))) {
        for (Path file : files) {
          Path shown = new Shown(file);
          if (filter.accept(shown)) {
            found.add(shown);
          }
        }
      }
      return new DirectoryStream<>() {
        @Override
        public Iterator<Path> iterator() {
          return found.iterator();
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
      operation();
      Files.createDirectory(real(folder), attributes);
      unforcedFolders.add(real(folder));
    }

    @Override
    public void delete(Path path) throws IOException {
      operation();
      Files.delete(real(path));
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
      operation();
      Files.move(real(source), real(target), options);
      unforcedMoves.add(new Path[] {real(source), real(target)});
      if (unforced.contains(real(source))) {
        unforced.add(real(target));
      }
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
        Path path, Class<A> type, LinkOption... options) throws IOException {
      return Files.readAttributes(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
        throws IOException {
      return Files.readAttributes(real(path), names, options);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(
        Path path, Class<V> type, LinkOption... options) {
      return Files.getFileAttributeView(real(path), type, options);
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
      real.provider().checkAccess(real(path), modes);
    }

    @Override
    public boolean isSameFile(Path a, Path b) throws IOException {
      return Files.isSameFile(real(a), real(b));
    }

    @Override
    public String getScheme() {
      return "faulty";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> settings) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Path getPath(URI uri) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isHidden(Path path) {
      return false;
    }

    @Override
    public FileStore getFileStore(Path path) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setAttribute(Path path, String name, Object value, LinkOption... options) {
      throw new UnsupportedOperationException();
    }
  }

  private final class Channel extends FileChannel {
    private final Path file;
    private final FileChannel channel;

    Channel(Path file, FileChannel channel) {
      this.file = file;
      this.channel = channel;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      try {
        operation();
      } catch (IOException e) {
        channel.write(source.slice(source.position(), source.remaining() / 2));
        throw e;
      }
      return channel.write(source);
    }

    @Override
    public void force(boolean metadata) throws IOException {
      operation();
      channel.force(metadata);
      if (Files.isDirectory(file)) {
        unforcedMoves.clear();
        unforcedFolders.removeIf(folder -> folder.getParent().equals(file));
      } else {
        unforced.remove(file);
      }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      operation();
      return channel.read(target);
    }

    @Override
    public long position() throws IOException {
      return channel.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
      channel.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    protected void implCloseChannel() throws IOException {
      channel.close();
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      channel.truncate(size);
      return this;
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer target, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer source, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }
  }

  private final class Shown implements Path {
    private final Path real;

    Shown(Path real) {
      this.real = real;
    }

    private Path shown(Path path) {
      return path == null ? null : new Shown(path);
    }

    @Override
    public FileSystem getFileSystem() {
      return FaultyFileSystem.this;
    }

    @Override
    public boolean isAbsolute() {
      return real.isAbsolute();
    }

    @Override
    public Path getRoot() {
      return shown(real.getRoot());
    }

    @Override
    public Path getFileName() {
      return shown(real.getFileName());
    }

    @Override
    public Path getParent() {
      return shown(real.getParent());
    }

    @Override
    public int getNameCount() {
      return real.getNameCount();
    }

    @Override
    public Path getName(int index) {
      return shown(real.getName(index));
    }

    @Override
    public Path subpath(int from, int to) {
      return shown(real.subpath(from, to));
    }

    @Override
    public boolean startsWith(Path other) {
      return real.startsWith(real(other));
    }

    @Override
    public boolean endsWith(Path other) {
      return real.endsWith(real(other));
    }

    @Override
    public Path normalize() {
      return shown(real.normalize());
    }

    @Override
    public Path resolve(Path other) {
      return shown(real.resolve(real(other)));
    }

    @Override
    public Path resolve(String other) {
      return shown(real.resolve(other));
    }

    @Override
    public Path relativize(Path other) {
      return shown(real.relativize(real(other)));
    }

    @Override
    public URI toUri() {
      return real.toUri();
    }

    @Override
    public Path toAbsolutePath() {
      return shown(real.toAbsolutePath());
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
      return shown(real.toRealPath(options));
    }

    @Override
    public WatchKey register(
        WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int compareTo(Path other) {
      return real.compareTo(real(other));
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Shown shown && real.equals(shown.real);
    }

    @Override
    public int hashCode() {
      return real.hashCode();
    }

    @Override
    public String toString() {
      return real.toString();
    }
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public void close() {}

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return real.getSeparator();
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return List.of();
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return List.of();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return real.supportedFileAttributeViews();
  }

  @Override
  public Path getPath(String first, String... more) {
    return new Shown(real.getPath(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String pattern) {
    PathMatcher matcher = real.getPathMatcher(pattern);
    return path -> matcher.matches(real(path));
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    throw new UnsupportedOperationException();
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException();
  }
}
