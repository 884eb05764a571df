package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CublasFilesTest {
  private static final List<String> NAMES =
      List.of("libcublas.so.13", "libcublas.so.12", "libcublas.so.11");

  @TempDir private Path root;

  private CublasFiles files(String asked, Map<String, String> environment) {
    return new CublasFiles(false, asked, root, environment::get);
  }

  private String place(String file) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    return Files.createFile(path).toString();
  }

  private List<String> found(Map<String, String> environment) {
    List<String> candidates = files(null, environment).candidates();
    assertEquals(NAMES, candidates.subList(0, NAMES.size()));
    return candidates.subList(NAMES.size(), candidates.size());
  }

  @Test
  void theLinkersNamesComeFirstAndNewVersionsBeforeOldOnes() throws IOException {
    assertEquals(List.of(), found(Map.of()));
    String old = place("usr/local/cuda-12.4/lib64/libcublas.so.12");
    String toolkit = place("usr/local/cuda-13.0/targets/x86_64-linux/lib/libcublas.so.13");
    String distribution = place("usr/lib/x86_64-linux-gnu/libcublas.so.12");
    place("usr/local/cuda-12.4/lib64/libcublasLt.so.12");
    assertEquals(List.of(toolkit, old, distribution), found(Map.of()));
  }

  @Test
  void pipsPackagesAreFoundInEveryPython() throws IOException {
    String system =
        place("usr/local/lib/python3.12/dist-packages/nvidia/cublas/lib/libcublas.so.12");
    String own =
        place("home/me/.local/lib/python3.13/site-packages/nvidia/cu13/lib/libcublas.so.13");
    String venv = place("venv/lib/python3.11/site-packages/nvidia/cu13/lib/libcublas.so.13");
    Map<String, String> environment =
        Map.of(
            "HOME",
            root.resolve("home/me").toString(),
            "VIRTUAL_ENV",
            root.resolve("venv").toString());
    assertEquals(List.of(venv, own, system), found(environment));
    assertEquals(Optional.of(Path.of(system)), files(null, environment).find(12));
    assertEquals(Optional.empty(), files(null, environment).find(11));
  }

  @Test
  void thePythonOnThePathIsLookedAtWithoutVariables() throws IOException {
    place("opt/conda/bin/python3");
    place("opt/tools/bin/other");
    String used = place("opt/conda/lib/python3.12/site-packages/nvidia/cublas/lib/libcublas.so.12");
    place("opt/tools/lib/python3.12/site-packages/nvidia/cublas/lib/libcublas.so.12");
    String path = ":bin:" + root.resolve("opt/tools/bin") + ":" + root.resolve("opt/conda/bin");
    assertEquals(List.of(used), found(Map.of("PATH", path)));
  }

  @Test
  void variablesNameFolders() throws IOException {
    String home = place("sdk/lib64/libcublas.so.13");
    String searched = place("other/libcublas.so.12");
    Map<String, String> environment =
        Map.of(
            "CUDA_HOME",
            root.resolve("sdk").toString(),
            "LD_LIBRARY_PATH",
            root.resolve("none") + ":" + root.resolve("other"));
    assertEquals(List.of(home, searched), found(environment));
  }

  @Test
  void thePropertyIsAFileOrAFolderAndEndsTheSearch() throws IOException {
    place("usr/local/cuda/lib64/libcublas.so.13");
    String twelve = place("mine/libcublas.so.12");
    String folder = root.resolve("mine").toString();
    assertEquals(List.of(twelve), files(folder, Map.of()).candidates());
    assertEquals(List.of(twelve), files(twelve, Map.of()).candidates());
    String missing = root.resolve("mine/libcublas.so.13").toString();
    assertEquals(List.of(missing), files(missing, Map.of()).candidates());
    assertEquals(List.of(), files(root.resolve("usr").toString(), Map.of()).candidates());
    assertTrue(files(folder, Map.of()).places().endsWith("=" + folder));
  }

  @Test
  void windowsHasOtherNames() throws IOException {
    String file = place("cuda/bin/cublas64_12.dll");
    CublasFiles files =
        new CublasFiles(
            true, null, root, Map.of("CUDA_PATH", root.resolve("cuda").toString())::get);
    assertEquals(
        List.of("cublas64_13.dll", "cublas64_12.dll", "cublas64_11.dll", file), files.candidates());
  }
}
