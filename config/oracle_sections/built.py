"""What the build leaves: the public API, sizes of jars, numbers of tests."""
import re
import subprocess
import xml.etree.ElementTree as xml

from .talweg import ROOT, Missing

# Sections that are left out, with a word, where the build made nothing to look at.
OPTIONAL = {"tests"}
TOLERANCE = 0.02
PLATFORM = re.compile(r"-(linux|macosx|windows)-(x86_64|arm64)")


def api(talweg):
    """All public and protected members of exported packages"""
    modules = sorted(str(p.parent) for p in ROOT.glob("*/target/classes/module-info.class"))
    if not modules:
        raise Missing("there is no */target/classes/module-info.class; run: mvn -DskipTests package")
    done = subprocess.run([talweg.java(), str(ROOT / "config" / "Api.java"), *modules], capture_output=True, text=True)
    if done.returncode != 0:
        raise Missing(f"config/Api.java: expected exit code 0, got {done.returncode}\n{done.stderr}")
    found = []
    for line in done.stdout.splitlines():
        if line.startswith("## "):
            found.append((line[3:], []))
        elif line:
            found[-1][1].append(line)
    return found


def compare_api(before, after):
    """Types that moved to another package are one line, and their members are compared."""
    old, new = dict(before), dict(after)
    gone, come = [n for n in old if n not in new], [n for n in new if n not in old]
    lines = []
    pairs = [(n, n) for n in old if n in new]
    for name in gone:
        to = [n for n in come if simple(n) == simple(name)]
        if len(to) == 1:
            pairs.append((name, to[0]))
            come.remove(to[0])
            lines.append(f"moved: {name} -> {to[0]}")
        else:
            lines.append(f"removed: {name} ({len(old[name])} lines)")
    lines += [f"added: {name} ({len(new[name])} lines)" for name in come]
    for a, b in pairs:
        changed = [f"  - {line}" for line in old[a] if line not in new[b]] + [f"  + {line}" for line in new[b] if line not in old[a]]
        lines += [f"changed: {b}", *changed] if changed else []
    return lines


def simple(name):
    """The name of a type without its package."""
    return re.sub(r"^([a-z_0-9]+\.)+", "", name)


def sizes(talweg):
    """Names of libraries, sizes of jars, and of the bundle where one was built"""
    talweg.jar()
    jars = [p for p in ROOT.glob("*/target/*.jar") if not re.search(r"-(tests|sources|javadoc)\.jar$", p.name)]
    lines = [f"{unversioned(p.name)} {p.stat().st_size}" for p in jars]
    library = talweg.jar().parent / "lib"
    others = sorted(PLATFORM.sub("-PLATFORM", p.name) for p in library.glob("*.jar") if not p.name.startswith("talweg-"))
    bundles = [f"{unversioned(p.name)} {p.stat().st_size}" for p in ROOT.glob("*/target/talweg-*.tar.xz")]
    return [("libraries", others), ("jars", sorted(lines)), ("bundle", sorted(bundles))]


def unversioned(name):
    return re.sub(r"-\d+(\.\d+)+(-SNAPSHOT)?", "", name)


def compare_sizes(before, after):
    old, new = (dict(groups).pop("libraries", []) for groups in (before, after))
    lines = [f"library removed: {n}" for n in old if n not in new] + [f"library added: {n}" for n in new if n not in old]
    for heading, new in after[1:]:
        old = dict(line.rsplit(" ", 1) for line in dict(before).get(heading, []))
        new = dict(line.rsplit(" ", 1) for line in new)
        if heading == "bundle" and not (old and new):
            # Only a build with -Pbundle makes one.
            continue
        for name in sorted({*old, *new}):
            a, b = int(old.get(name, 0)), int(new.get(name, 0))
            if not a or not b:
                lines.append(f"{name}: {'added, ' + str(b) if b else 'removed, ' + str(a)} bytes")
            elif abs(b - a) > TOLERANCE * a:
                lines.append(f"{name}: {a} -> {b} bytes ({100 * (b - a) / a:+.1f} %)")
    return lines


def tests(talweg):
    """Executed tests of each module"""
    found = []
    for pom in sorted(ROOT.glob("*/pom.xml")):
        target = pom.parent / "target"
        executed = skipped = 0
        for report in sorted((target / "surefire-reports").glob("TEST-*.xml")):
            name = report.name[len("TEST-"):-len(".xml")]
            # Reports of classes that were renamed or removed stay where they are.
            if (target / "test-classes" / (name.replace(".", "/") + ".class")).exists():
                suite = xml.parse(report).getroot()
                skipped += int(suite.get("skipped"))
                executed += int(suite.get("tests")) - int(suite.get("skipped"))
        found.append(f"{pom.parent.name} {executed} executed, {skipped} skipped")
    if not any(re.search(r" [1-9]\d* executed", line) for line in found):
        raise Missing("there are no reports of tests; run: mvn verify")
    return [("tests", found)]


def compare_tests(before, after):
    """Fewer tests are a difference; more of them are a note."""
    def executed(groups):
        return {line.split()[0]: int(line.split()[1]) for _, lines in groups for line in lines}

    old, new = executed(before), executed(after)
    lines = []
    for module in [*old, *(m for m in new if m not in old)]:
        a, b = old.get(module, 0), new.get(module, 0)
        if a != b:
            lines.append(f"{'note: ' if b > a else ''}{module}: {a} -> {b} tests executed")
    a, b = sum(old.values()), sum(new.values())
    return lines + [f"note: all modules: {a} -> {b} tests executed"] if lines else []
