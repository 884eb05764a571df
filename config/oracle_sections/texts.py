"""What the command line says and writes: help, wrong usage, output, files."""
import hashlib
import json
import re
import shutil
import zipfile

from . import data
from .talweg import PORTABLE, ROOT
from .weights import parse

NO_DRIVER = {"TALWEG_JAVA_OPTS": "-Dtalweg.cuda.driver=/nonexistent/libcuda.so"}
SMALL = "--backend reference --hidden 8 --batch 128 --epochs 2"

# Figures that depend on time, machine or version.
MASKS = [
    (r"\d{4}-\d\d-\d\d[-T ]\d\d:?\d\d:?\d\d(\.\d+)?Z?", "DATE"),
    (r"\d+\.\d+\.\d+(\.\d+)*-SNAPSHOT(\+| \([0-9a-f]{7,40}\+?\))?", "VERSION"),
    (r"Java \d+[^ ,)]*( \([^)]*\))?", "JAVA"),
    (r"\s*\((data|forward) \d+%[^)]*\)", ""),
    (r"[\d,]+(\.\d+)? samples/s", "N samples/s"),
    (r"[\d,.]+ (ns|us|µs|ms|s|min|h)( of training)\b", r"TIME\2"),
    (r"memory at most [\d,.]+ [KMG]iB", "memory at most SIZE"),
    (r"(on|begun on) (cpu|reference) \([^)]*\)", r"\1 \2 (DEVICE)"),
    (r"events\.out\.tfevents\.\d+\.[\w.-]+", "events.out.tfevents.TIME"),
]
MASKED_FIELDS = re.compile(r"(.*_)?(seconds|samples_per_s|us|ms|us_per_step|us_min|us_max|ms_min|ms_max|gflops|gb_per_s|windows|device|"
                           r"peak_memory_bytes|bytes_per_call|heap_\w+|time|system|commit|jvm|heap|java|cpu|cores|arch|of_ceiling|sha256)")

# There only if a step was timed part by part, which depends on time.
SAMPLED_FIELDS = re.compile(r"(data|forward|backward|optimizer)_samples_per_s")
WIDTH = 140

# Command lines whose standard output is kept; run in this order, in one folder.
OUTPUT = [
    f"train {SMALL} --out runs/a",
    f"train {SMALL} --json --out runs/b --optimizer lamb --schedule one-cycle --clip-norm 1 --accumulate 2",
    "train --resume runs/a --epochs 3 --out runs/c",
    "train --data csv:classes.csv --missing mean --backend reference --hidden 8 --epochs 2 --batch 16 --out runs/classes --early-stop 1",
    "train --data csv:numbers.csv --backend reference --hidden 8 --epochs 2 --batch 16 --json --out runs/numbers",
    "train --data idx:idx --model cnn --backend reference --hidden 8 --epochs 1 --out runs/idx",
    "train --data images:png --stream --backend reference --hidden 8 --epochs 1 --batch 8 --json --out runs/png",
    "train --backend reference --hidden 8 --epochs 3 --optimizer lbfgs --out runs/lbfgs",
    "train --find-lr --data csv:few.csv --backend reference --hidden 4 --batch 4 --json --out runs/find",
    "evaluate --model runs/a/model.safetensors --backend reference",
    "evaluate --model runs/a/model.safetensors --backend reference --part all --json --at-least accuracy=0.99",
    "evaluate --model runs/classes/model.safetensors --backend reference --better-than runs/classes/model.safetensors",
    "evaluate --model runs/numbers/model.safetensors --data csv:few.csv --backend reference",
    "evaluate --model runs/numbers/model.safetensors --data csv:few.csv --backend reference --json",
    "predict --model runs/classes/model.safetensors --data csv:classes.csv --backend reference --probabilities",
    "predict --model runs/numbers/model.safetensors --data csv:few.csv --backend reference",
    "conformance vectors --backend reference",
    "conformance vectors --backend reference --json --only clipping/*",
    "schedule",
    "schedule one-cycle --warmup 5% --steps 40 --lr 0.1",
    "schedule warmup:steps=3(step:every=4,factor=0.5) --steps 20 --steps-per-epoch 2 --csv",
    "minimize --list",
    "minimize rosenbrock:3 --method lbfgs --backend reference --history",
    "minimize hs071 --backend reference --json",
    "minimize x^2+y^2 --equality x+y=1 --backend reference",
    "minimize himmelblau --starts 8 --backend reference",
    "landscape rosenbrock --steps 12 --out pictures",
    "landscape schedules --out pictures",
    "benchmark train --dims 6,5,3 --batch 4 --backend reference --seconds 0.01 --json",
    "benchmark optim --n 96 --tensors 3 --optimizer lamb --backend reference --seconds 0.01 --json",
    "benchmark gemm --mkn 3,4,5 --backend reference --seconds 0.01 --json",
    "benchmark copy --n 100 --backend cpu --threads 2 --seconds 0.01 --json",
    "benchmark stream --n 100 --backend cpu --threads 2 --seconds 0.01 --json",
]

# Wrong usage, with what the user is told.
USAGE = [
    "", "trian", "train --bogus", "train --lr -1", "train --lr abc", "train --optimizer bogus", "train --optimizer adamw:bogus=1",
    "train --schedule bogus", "train --schedule step:every=0", "train --backend bogus", "train --backend cuda", "train --precision bf16 --backend cpu",
    "train --data bogus", "train --data csv:missing.csv", "train --data csv:broken.csv", "train --data idx:missing", "train --data images:empty",
    "train --data csv:classes.csv", "train --data csv:few.csv --target bogus", "train --model transformer", "train --epochs 0", "train --batch 0",
    "train --dropout 1.5", "train --memory 10X", "train --resume missing", "train --resume runs/used --batch 64",
    "train --out runs/used --epochs 1", "train --early-stop 0", "train --optimizer lbfgs --keep 2", "train --model cnn --data csv:few.csv",
    "evaluate", "evaluate --model missing.safetensors", "evaluate --model broken.safetensors", "evaluate --model runs/used",
    "evaluate --model runs/used/model.safetensors --data csv:few.csv", "evaluate --model runs/used/model.safetensors --at-least bogus=1",
    "predict --model missing.safetensors", "minimize", "minimize bogus", "minimize x^", "minimize -x^2", "schedule bogus", "landscape bogus",
    "fetch bogus", "benchmark bogus", "benchmark gemm --mkn 1,2", "conformance missing", "doctor --bogus",
]


def masked(talweg, text):
    text = text.replace(str(talweg.folder), "FOLDER").replace(str(ROOT), "ROOT")
    lines = []
    for line in (part for whole in text.splitlines() for part in (json_lines(whole) if whole.startswith("{") else [whole])):
        for pattern, by in MASKS:
            line = re.sub(pattern, by, line)
        lines.append(re.sub(r"-?\d+\.\d{7,}(E-?\d+)?", lambda m: f"{float(m[0]):.6g}", line).rstrip() or ".")
    return lines


def json_lines(line):
    """The object masked; what is long has a line for each field or element."""
    try:
        return spread(masked_json(json.loads(line)))
    except ValueError:
        return [line]


def spread(value, before="", after=""):
    short = before + json.dumps(value, ensure_ascii=False) + after
    if len(short) <= WIDTH or not isinstance(value, (dict, list)):
        return [short]
    parts = [(f"{json.dumps(k)}: ", v) for k, v in value.items()] if isinstance(value, dict) else [("", v) for v in value]
    inner = [line for i, (key, part) in enumerate(parts) for line in spread(part, key, "," if i < len(parts) - 1 else "")]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return [before + opening, *("  " + line for line in inner), closing + after]


def masked_json(value, key=""):
    if MASKED_FIELDS.fullmatch(key):
        return "*"
    if isinstance(value, dict):
        # The flags of a run are written in an order that changes from one JVM to the next.
        items = sorted(value.items()) if key == "configuration" else value.items()
        return {k: masked_json(v, k) for k, v in items if not SAMPLED_FIELDS.fullmatch(k)}
    if isinstance(value, list):
        return [masked_json(v) for v in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def commands(talweg):
    """The names of all commands, as the help lists them."""
    listed = talweg.must(["--help"]).out.split("Commands:")[1]
    return re.findall(r"^  (\w[\w-]*)  ", listed, re.M)


def help(talweg):
    """--help of every command"""
    lines = [["--help"], *([name, "--help"] for name in commands(talweg))]
    return talweg.all(lambda a: (" ".join(a), masked(talweg, talweg.must(a).out)), lines)


def usage(talweg):
    """Exit codes and messages of wrong usage"""
    data.write(talweg.folder)
    (talweg.folder / "broken.csv").write_text("a,b\n1,2\n3\n")
    (talweg.folder / "broken.safetensors").write_bytes(b"no model at all")
    (talweg.folder / "empty").mkdir(exist_ok=True)
    talweg.must(f"train {SMALL} --no-plots --out runs/used".split())

    def one(line):
        result = talweg.run(line.split(), environment=NO_DRIVER)
        return line or "(nothing)", [f"exit code {result.code}", *masked(talweg, result.out + result.err)]

    return talweg.all(one, USAGE)


def output(talweg):
    """Standard output of every command, text and JSON, without what depends on time and machine"""
    prepare(talweg)
    made = []
    for line in OUTPUT:
        result = talweg.run(line.split(), environment=PORTABLE)
        made.append((line, [f"exit code {result.code}", *masked(talweg, result.out)]))
    named = sorted(p.relative_to(talweg.folder).as_posix() for p in (talweg.folder / "pictures").rglob("*") if p.is_file())
    made.append(("pictures", [f"{name}{svg(talweg.folder / name)}" for name in named]))
    return made


def svg(file):
    return " " + hashlib.sha256(file.read_bytes()).hexdigest()[:16] if file.suffix == ".svg" else ""


def prepare(talweg):
    data.write(talweg.folder)
    vectors = talweg.folder / "vectors"
    if not vectors.exists():
        with zipfile.ZipFile(next(ROOT.glob("*/src/test/resources/**/public.zip"))) as f:
            f.extractall(vectors)
    shutil.rmtree(talweg.folder / "runs", ignore_errors=True)


def files(talweg):
    """The files that a training leaves, and what they say about themselves"""
    data.write(talweg.folder)
    runs = talweg.folder / "formats"
    shutil.rmtree(runs, ignore_errors=True)
    made = []
    for name, flags in (("digits", SMALL), ("table", "--data csv:classes.csv --missing mean --backend reference --hidden 4 --epochs 2 --batch 32"),
                        ("numbers", "--data csv:numbers.csv --backend reference --hidden 4 --epochs 2 --optimizer lamb --schedule plateau")):
        out = runs / name
        talweg.must(["train", *flags.split(), "--out", f"formats/{name}"])
        found = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
        made.append((f"{name}: train {flags}", masked(talweg, "\n".join(found))))
        for file in found:
            if file.endswith(".safetensors"):
                made.append((f"{name}: {file}", header(talweg, out / file)))
        made.append((f"{name}: metrics.csv", metrics((out / "metrics.csv").read_text())))
    return made


def header(talweg, file):
    content, _ = parse(file)
    metadata = content.pop("__metadata__", {})
    lines = [f"{n} {t['dtype']} {t['shape']}" for n, t in sorted(content.items())]
    for key in sorted(metadata):
        lines += [f"{key}:", *masked(talweg, metadata[key])] if metadata[key].startswith("{") else masked(talweg, f"{key}: {value(key, metadata[key])}")
    return lines


def value(key, text):
    return "*" if MASKED_FIELDS.fullmatch(key.split(".")[-1]) else text


def metrics(text):
    """metrics.csv without times: the head, and figures of the columns before them."""
    head, *rows = text.splitlines()
    names = head.split(",")
    kept = [i for i, name in enumerate(names) if not MASKED_FIELDS.fullmatch(name) and not name.endswith("_us")]
    figures = [row.split(",") for row in rows]
    return [head] + [",".join(f"{float(row[i]):.6g}" if row[i] else "" for i in kept) for row in figures]
