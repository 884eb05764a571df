package talweg.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No class can be named by a file: nothing deserialises objects, and only classes that are listed
 * here find others by name, each by names that are in their source.
 */
class NoCodeFromFilesTest {
  /** Types and methods by which data become code. */
  private static final Set<String> SUSPECT =
      Set.of(
          "java/io/ObjectInputStream",
          "java/beans/XMLDecoder",
          "java/net/URLClassLoader",
          "javax/script/ScriptEngineManager",
          "java/lang/Class.forName",
          "java/lang/ClassLoader.loadClass",
          "java/lang/invoke/MethodHandles$Lookup.findClass",
          "java/lang/invoke/MethodHandles$Lookup.defineClass",
          "tools/jackson/databind/ObjectMapper.readValue",
          "tools/jackson/databind/json/JsonMapper.readValue");

  /** Finds the JDK's signals. */
  private static final Map<String, Set<String>> KNOWN =
      Map.of("talweg/cli/StopSignals", Set.of("java/lang/Class.forName"));

  @Test
  void nothingMakesObjectsOfClassesThatFilesName() throws IOException {
    Map<String, Set<String>> users = new TreeMap<>();
    int scanned = 0;
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("ARCHITECTURE.md"))) {
      root = root.getParent();
    }
    for (String module : new String[] {"core", "cpu-backend", "cuda-backend", "examples"}) {
      try (Stream<Path> files = Files.walk(root.resolve(module).resolve("target/classes"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
          ClassModel model = ClassFile.of().parse(file);
          Set<String> used = suspects(model);
          scanned++;
          if (!used.isEmpty()) {
            users.put(model.thisClass().asInternalName(), used);
          }
        }
      }
    }
    assertTrue(scanned > 300, "scanned only " + scanned);
    assertEquals(KNOWN, users);
  }

  private static Set<String> suspects(ClassModel model) {
    Set<String> found = new TreeSet<>();
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof ClassEntry type) {
        found.add(type.asInternalName());
      } else if (entry instanceof MemberRefEntry member) {
        found.add(member.owner().asInternalName() + "." + member.name().stringValue());
      }
    }
    found.retainAll(SUSPECT);
    return found;
  }
}
