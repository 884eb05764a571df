"""Runs the command line in a folder of its own, on real and simulated devices, and finds out about the machine."""
import glob
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SIMULATED_MAIN = "SimulatedDeviceMain"
LIMIT_S = 300

# Begins what can be compared but never be recorded.
WRONG = "WRONG:"

# Bits of the CPU backend depend on the width of vectors and on OpenBLAS's kernels: with these every x86-64 processor
# since AVX2 computes the same ones.
PORTABLE = {"OPENBLAS_CORETYPE": "Haswell", "TALWEGOB_CORETYPE": "Haswell", "TALWEG_JAVA_OPTS": "-Dtalweg.cpu.vectorBits=256"}


class Missing(Exception):
    """What a section needs is not there."""


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr


class Talweg:
    """The command line and a scratch folder, in which it runs."""

    def __init__(self, keep=None):
        self.keep = keep
        self.facts = None

    def __enter__(self):
        if self.keep:
            self.folder = Path(self.keep).resolve()
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
        else:
            self.folder = Path(tempfile.mkdtemp(prefix="talweg-oracle."))
        self.environment = {k: v for k, v in os.environ.items()
                            if not k.startswith(("TALWEG", "OPENBLAS", "OMP_")) and k not in ("NO_COLOR", "CLICOLOR_FORCE")}
        self.environment.update(LC_ALL="C.UTF-8", COLUMNS="100", TZ="UTC")
        # Builds, where sources are newer than the jars, before anything is looked at.
        self.must(["--version"])
        return self

    def __exit__(self, *_):
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, arguments, environment=None, cuda=False, folder=None):
        """Runs one command line, given as a list."""
        env = {**self.environment, **(environment or {})}
        command = self.simulated(env) + arguments if cuda else [str(ROOT / "talweg"), *arguments]
        try:
            return Result(subprocess.run(command, cwd=folder or self.folder, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                                         text=True, encoding="utf-8", errors="replace", timeout=LIMIT_S))
        except subprocess.TimeoutExpired as e:
            raise Missing(f"talweg {' '.join(arguments)}: expected an end within {LIMIT_S} s, got none") from e

    def must(self, arguments, **how):
        """Runs one command line that has to succeed."""
        result = self.run(arguments, **how)
        if result.code != 0:
            raise Missing(f"talweg {' '.join(arguments)}: expected exit code 0, got {result.code}\n{result.err}{result.out}")
        return result

    def all(self, function, items):
        """Applies a function to all items, some at the same time; results in their order."""
        with ThreadPoolExecutor(max_workers=max(1, os.cpu_count() or 1)) as pool:
            return list(pool.map(function, items))

    # ---- the machine

    def look(self):
        """Java's home and the machine's properties, by the launcher's own choice of a JDK."""
        if self.facts is None:
            shown = self.must(["--version"], environment={"TALWEG_JAVA_OPTS": "-XshowSettings:properties -XX:+PrintFlagsFinal"})
            seen = shown.out + shown.err
            doctor = self.must(["doctor"]).out
            blas = re.search(r"OpenBLAS \S+ for (\w+)", doctor)
            self.facts = {
                "home": re.search(r"java\.home = (.*)", seen).group(1).strip(),
                "arch": re.search(r"os\.arch = (.*)", seen).group(1).strip().replace("amd64", "x86_64"),
                "bytes": re.search(r"MaxVectorSize\s*=\s*(\d+)", seen).group(1),
                "blas": blas.group(1) if blas else "none",
            }
        return self.facts

    def java(self):
        return str(Path(self.look()["home"]) / "bin" / "java")

    def architecture(self):
        """Key of bits that are equal on all machines of one architecture."""
        return self.look()["arch"]

    def machine(self):
        """Key of bits that depend on the CPU's kernels and vectors, too."""
        facts = self.look()
        return f"{facts['arch']}-{facts['blas']}-{8 * int(facts['bytes'])}"

    # ---- the simulated device

    def jar(self):
        for found in glob.glob(str(ROOT / "*/target/talweg.jar")):
            return Path(found)
        raise Missing("there is no */target/talweg.jar; build it with: mvn -DskipTests package")

    def simulated(self, environment):
        """The command that runs the command line on a simulated CUDA device, which is in the tests' classes."""
        found = glob.glob(str(ROOT / f"*/target/test-classes/**/{SIMULATED_MAIN}.class"), recursive=True)
        if not found:
            raise Missing("the simulated CUDA device is among the tests' classes, which are not built; run: mvn -DskipTests package")
        classes = Path(found[0].split("test-classes")[0]) / "test-classes"
        name = str(Path(found[0]).relative_to(classes))[:-len(".class")].replace(os.sep, ".")
        jar = self.jar()
        manifest = zipfile.ZipFile(jar).read("META-INF/MANIFEST.MF").decode()
        main = re.search(r"^Main-Class: (.*)$", manifest, re.M).group(1).strip()
        flags = ["--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-XX:+UseG1GC", "-Xlog:disable",
                 "-Dtalweg.cuda.products=own", "-Dtalweg.tty.stdout=false", "-Dtalweg.tty.stderr=false"]
        return [self.java(), *flags, *environment.get("TALWEG_JAVA_OPTS", "").split(), "-cp", f"{classes}{os.pathsep}{jar}", name, main]
