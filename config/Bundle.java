import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Puts together what runs on a machine without Java: a run-time image, the jars, those natives that
 * are used, and the launcher.
 *
 * <p>Run by Maven as a single-file program in the root: {@code Bundle.java JARS TARGET}. JARS is
 * the folder with talweg.jar and lib; TARGET is made anew.
 */
final class Bundle {
  /** What the jars and Java's own services ask for. */
  private static final String MODULES =
      String.join(
          ",",
          "java.base",
          "java.desktop", // charts, pictures
          "java.logging",
          "java.management",
          "java.net.http", // fetch
          "jdk.incubator.vector",
          "jdk.management",
          "jdk.unsupported");

  /** What no command uses, a third of the image: user interfaces, sound, printing, XML's inside. */
  private static final List<String> LEFT_OUT =
      List.of(
          "java.desktop/com/sun/java/swing",
          "java.desktop/com/sun/media/sound",
          "java.desktop/javax/sound",
          "java.desktop/javax/swing/plaf",
          "java.desktop/javax/swing/text",
          "java.desktop/sun/awt/X11",
          "java.desktop/sun/print",
          "java.desktop/sun/swing",
          "java.xml/com/sun/org/apache",
          "java.xml/jdk/xml/internal/jdkcatalog");

  /** Of jars that hold more than is used: the entries to keep. */
  private static final Map<String, Pattern> KEPT =
      Map.of(
          "openblas-",
              Pattern.compile(
                  "org/bytedeco/openblas/[^/]+/lib(openblas|gfortran|quadmath|gcc_s)[^/]*"),
          "jcuda-natives-", Pattern.compile("lib/libJCuda(Driver|Runtime)-.*"),
          "jcublas-natives-", Pattern.compile("lib/libJCublas2-.*"));

  /** Jars that stay compressed. */
  private static final List<String> DEFLATED = List.of("openblas-", "talweg-kernels-");

  /**
   * Of the jars: ND4J with what only it needs. Without them the backend nd4j says why it is not
   * there.
   */
  private static final Pattern JARS_LEFT_OUT =
      Pattern.compile(
          "(nd4j-.*|javacpp-.*|guava-.*-M.*|openblas-[\\d.-]+|commons-(io|lang3|math3)-.*)\\.jar");

  private Bundle() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 2) {
      throw new IllegalArgumentException("usage: Bundle.java JARS TARGET");
    }
    Path jars = Path.of(args[0]);
    Path target = Path.of(args[1]);
    delete(target);
    Files.createDirectories(target);
    runtime(target.resolve("runtime"));
    Path lib = Files.createDirectories(target.resolve("lib/lib"));
    store(jars.resolve("talweg.jar"), target.resolve("lib/talweg.jar"));
    for (Path jar : list(jars.resolve("lib"))) {
      if (!JARS_LEFT_OUT.matcher(jar.getFileName().toString()).matches()) {
        store(jar, lib.resolve(jar.getFileName()));
      }
    }
    for (String file : List.of("talweg", "LICENSE", "README.md")) {
      Files.copy(Path.of(file), target.resolve(file));
    }
    Path archive = archive(target);
    System.out.printf(
        "bundle: %.1f MiB in %s, %.1f MiB in %s%n",
        size(target) / 0x1p20, target, Files.size(archive) / 0x1p20, archive);
  }

  /** By the system's tools: the launcher stays executable, and the archive as small as it gets. */
  private static Path archive(Path folder) throws IOException, InterruptedException {
    Path archive = folder.resolveSibling(folder.getFileName() + ".tar.xz");
    ProcessBuilder tar =
        new ProcessBuilder(
            "tar",
            "--create",
            "--xz",
            "--file=" + archive,
            "--directory=" + folder.getParent(),
            folder.getFileName().toString());
    tar.environment().put("XZ_OPT", "-9e");
    if (tar.inheritIO().start().waitFor() != 0) {
      throw new IOException("bundle: tar could not write " + archive + "; it needs tar and xz");
    }
    return archive;
  }

  private static void runtime(Path image) throws IOException, InterruptedException {
    ToolProvider jlink =
        ToolProvider.findFirst("jlink")
            .orElseThrow(() ->
                new IllegalStateException(
                    "the JDK in %s has no jlink; build with a full JDK"
                        .formatted(System.getProperty("java.home"))));
    Path leftOut = Files.write(image.resolveSibling("left-out"), leftOut());
    int code =
        jlink.run(
            System.out,
            System.err,
            "--add-modules=" + MODULES,
            "--strip-debug",
            "--no-header-files",
            "--no-man-pages",
            "--compress=zip-0",
            "--exclude-resources=@" + leftOut,
            "--exclude-files=**libawt_xawt.so,**libjawt.so,**libjsvml.so,**libjsound.so,**libsplashscreen.so",
            "--vm=server",
            "--output=" + image);
    if (code != 0) {
      throw new IllegalStateException("jlink failed with " + code);
    }
    Files.delete(leftOut);
    strip(image);
  }

  /** Patterns of all files in those packages but one of each: a module must have its packages. */
  private static List<String> leftOut() throws IOException {
    List<String> patterns = new ArrayList<>();
    FileSystem modules = FileSystems.getFileSystem(URI.create("jrt:/"));
    for (String root : LEFT_OUT) {
      Set<Path> kept = new HashSet<>();
      for (Path file :
          files(modules.getPath("/modules", root), f -> f.toString().endsWith(".class"))) {
        if (!kept.add(file.getParent())) {
          patterns.add("glob:" + file.toString().substring("/modules".length()));
        }
      }
    }
    return patterns;
  }

  /** Symbols of native code are a tenth of it; without the tool they stay. */
  private static void strip(Path image) throws IOException, InterruptedException {
    for (Path file : files(image, f -> f.toString().endsWith(".so"))) {
      try {
        new ProcessBuilder("strip", "--strip-unneeded", file.toString())
            .inheritIO()
            .start()
            .waitFor();
      } catch (IOException e) {
        System.out.println("bundle: there is no strip here, symbols stay: " + e.getMessage());
        return;
      }
    }
  }

  /**
   * A jar without what is not used. Most are not compressed, so that the archive as a whole
   * compresses better; the largest are, so that the folder does not take too much room.
   */
  private static void store(Path from, Path to) throws IOException {
    String name = from.getFileName().toString();
    Predicate<String> keep = kept(name);
    boolean deflate = DEFLATED.stream().anyMatch(name::startsWith);
    try (ZipFile in = new ZipFile(from.toFile());
        OutputStream file = Files.newOutputStream(to);
        ZipOutputStream out = new ZipOutputStream(file)) {
      out.setLevel(Deflater.BEST_COMPRESSION);
      for (ZipEntry entry : in.stream().filter(e -> keep.test(e.getName())).toList()) {
        ZipEntry stored = new ZipEntry(entry.getName());
        stored.setMethod(deflate ? ZipEntry.DEFLATED : ZipEntry.STORED);
        stored.setSize(entry.getSize());
        stored.setCrc(entry.getCrc());
        stored.setTime(entry.getTime());
        out.putNextEntry(stored);
        try (InputStream bytes = in.getInputStream(entry)) {
          bytes.transferTo(out);
        }
        out.closeEntry();
      }
    }
  }

  private static Predicate<String> kept(String jar) {
    return KEPT.entrySet().stream()
        .filter(rule -> jar.startsWith(rule.getKey()))
        .findFirst()
        .map(rule -> rule.getValue().asMatchPredicate())
        .orElse(_ -> true);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static List<Path> files(Path folder, Predicate<Path> which) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).filter(which).toList();
    }
  }

  private static long size(Path folder) throws IOException {
    long sum = 0;
    for (Path file : files(folder, _ -> true)) {
      sum += Files.size(file);
    }
    return sum;
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
