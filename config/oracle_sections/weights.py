"""SHA-256 of the weights that short trainings end with: optimizers, networks, data, backends, threads, resumed runs."""
import hashlib
import json
import shutil
import struct

from . import data
from .talweg import PORTABLE, WRONG, Missing

OPTIMIZERS = ["sgd", "sgd:nesterov=1", "adam", "adamw:amsgrad=1", "adamw", "lamb", "lamb-nvidia:max-grad-norm=0.2", "rmsprop", "adagrad", "adadelta",
              "nadam", "radam", "lion", "muon"]
DIGITS = "--hidden 16 --batch 128 --epochs 2"
TABLE = "--data csv:classes.csv --missing mean --hidden 12 --batch 16 --epochs 3"
NUMBERS = "--data csv:numbers.csv --hidden 12 --batch 16 --epochs 3"
FEW = "--data csv:few.csv --hidden 6 --batch 8 --epochs 2"
CNN = "--data idx:idx --model cnn --hidden 8 --batch 32 --epochs 2"

# (name, flags). Where "threads" is in the name, one and two threads have to lead to the same bits; where "resumed"
# is, a run that stopped and one that did not.
CPU = [
    *((f"table {o}", f"{TABLE} --epochs 2 --optimizer {o}") for o in OPTIMIZERS),
    ("table lbfgs, never captured", "--data csv:classes.csv --missing mean --hidden 12 --epochs 3 --optimizer lbfgs"),
    ("mlp adamw, one step as written", "--hidden 16 --batch 2000 --epochs 1"),
    ("mlp adamw, threads", f"{DIGITS} --clip-norm 0.5 --warmup 3"),
    ("deep gelu mlp lamb, threads", "--hidden 48,32,24,16 --activation gelu --batch 96 --epochs 2 --optimizer lamb --schedule one-cycle"),
    ("deep tanh mlp fp64 nadam, resumed", "--hidden 24,16,16 --activation tanh --batch 128 --epochs 3 --precision fp64 --optimizer nadam"),
    ("mlp lamb accumulate, resumed", f"{DIGITS} --optimizer lamb --accumulate 2 --clip-value 0.1"),
    ("table sgd plateau, resumed", f"{TABLE} --epochs 4 --optimizer sgd --schedule plateau:patience=0,threshold=0.9"),
    ("table adamw early stop", f"{TABLE} --lr 0.5 --epochs 20 --early-stop 2 --schedule constant"),
    ("mlp adamw agc skip", f"{DIGITS} --clip-agc 0.01 --nonfinite skip --schedule step:every=1,factor=0.5"),
    ("cnn adamw, threads, resumed", CNN),
    ("cnn sgd images", "--data images:png --model cnn --hidden 8 --batch 8 --epochs 2 --optimizer sgd"),
    ("idx mlp silu streamed", "--data idx:idx --stream --hidden 16 --activation silu --batch 24 --epochs 2"),
    ("table adamw, threads, resumed", TABLE),
    ("table muon streamed", f"{TABLE} --stream --optimizer muon"),
    ("numbers mse lion", f"{NUMBERS} --optimizer lion"),
    ("numbers huber adam, resumed", f"{NUMBERS} --loss huber --optimizer adam --weight-decay 0.01"),
]
REFERENCE = [
    ("mlp adamw, resumed", DIGITS),
    ("mlp sgd nesterov", f"{DIGITS} --optimizer sgd:nesterov=1"),
    ("deep gelu mlp lamb", "--hidden 24,16 --activation gelu --batch 256 --epochs 1 --optimizer lamb"),
    ("cnn adamw", "--data idx:idx --model cnn --hidden 8 --batch 32 --epochs 1"),
    ("table muon", f"{TABLE} --optimizer muon"),
    ("numbers mse fp64 rmsprop", f"{NUMBERS} --precision fp64 --optimizer rmsprop"),
]
SIMULATED = [
    ("numbers adamw, resumed", FEW),
    ("numbers lamb not captured", "--data csv:few.csv --hidden 6 --batch 64 --epochs 1 --optimizer lamb"),
    ("table sgd dropout", f"{TABLE} --epochs 1 --hidden 8 --dropout 0.2 --optimizer sgd"),
    ("cnn adam", "--data idx:idx --model cnn --hidden 4 --batch 64 --epochs 1 --optimizer adam"),
]
MACHINE = [
    ("mlp adamw, threads", "--hidden 64 --batch 64 --epochs 2"),
    ("deep gelu mlp lamb, threads", "--hidden 160,96,48 --activation gelu --batch 256 --epochs 2 --optimizer lamb"),
    ("deep mlp fp64 muon", "--hidden 40,30 --batch 128 --epochs 2 --precision fp64 --optimizer muon"),
    ("cnn adamw, threads", CNN),
    ("table adamw", TABLE),
    ("numbers adam", f"{NUMBERS} --optimizer adam"),
]


def parse(file):
    """The header of a safetensors file, and its bytes after that."""
    content = file.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8:8 + length]), content[8 + length:]


def digest(file):
    """SHA-256 over name, type, shape and bytes of each tensor, in the order of names: not over metadata."""
    header, body = parse(file)
    sha = hashlib.sha256()
    for name in sorted(n for n in header if n != "__metadata__"):
        tensor = header[name]
        start, end = tensor["data_offsets"]
        sha.update(f"{name} {tensor['dtype']} {tensor['shape']}\n".encode())
        sha.update(body[start:end])
    return sha.hexdigest()


def hashes(talweg, backend, cases, environment):
    """A line for each case; runs that have to end alike make one line, or one that says so."""
    data.write(talweg.folder)
    return talweg.all(lambda case: line(talweg, backend, *case, environment), cases)


def merged(flags):
    """The flags of a case as a list; what is said twice counts as said last."""
    said = {}
    for word in flags.split():
        if word.startswith("--"):
            said[word] = [word]
            last = word
        else:
            said[last].append(word)
    return [word for words in said.values() for word in words]


def line(talweg, backend, name, flags, environment):
    try:
        return compared(talweg, backend, name, flags, environment)
    except Missing as e:
        return f"{name}: {WRONG} {e}".replace("\n", " | ")


def compared(talweg, backend, name, flags, environment):
    made = {}
    for threads in ("1", "2") if "threads" in name else ("1",):
        out = folder(talweg, backend, name, threads)
        train = ["train", *merged(flags), "--backend", backend, "--threads", threads, "--no-plots", "--out", str(out)]
        talweg.must(train, environment=environment, cuda=backend == "cuda")
        made[f"{threads} threads"] = digest(out / "model.safetensors")
    if "resumed" in name:
        made["resumed"] = resumed(talweg, backend, name, train, environment)
    found = set(made.values())
    shown = found.pop() if len(found) == 1 else f"{WRONG} different bits: " + ", ".join(f"{k} {v}" for k, v in made.items())
    return f"{name}: {shown}"


def folder(talweg, backend, name, what):
    return talweg.folder / "runs" / f"{backend}-{name}-{what}".replace(" ", "-").replace(",", "").replace(":", "-")


def resumed(talweg, backend, name, train, environment):
    """Stops two thirds before the end, as far as files tell, and resumes."""
    out = folder(talweg, backend, name, "resumed")
    talweg.must([*train[:-1], str(out), "--checkpoint-every", "2", "--keep", "999"], environment=environment, cuda=backend == "cuda")
    checkpoints = sorted((out / "checkpoint").iterdir())
    if len(checkpoints) < 3:
        raise Missing(f"{name}: expected three checkpoints or more in {out}, got {len(checkpoints)}")
    for file in checkpoints[max(1, len(checkpoints) // 3):]:
        file.unlink()
    (out / "model.safetensors").unlink()
    talweg.must(["train", "--resume", str(out), "--no-plots"], environment=environment, cuda=backend == "cuda")
    return digest(out / "model.safetensors")


def portable(talweg):
    """Weights that are the same on all processors of one architecture (x86-64: since AVX2)"""
    runs = [("cpu", CPU), ("reference", REFERENCE), ("cuda", SIMULATED)]
    return clean(talweg, [(b, hashes(talweg, b, cases, PORTABLE)) for b, cases in runs])


def machine(talweg):
    """Weights by the CPU kernels of this kind of machine"""
    return clean(talweg, [("cpu", hashes(talweg, "cpu", MACHINE, {}))])


def clean(talweg, made):
    if not talweg.keep:
        shutil.rmtree(talweg.folder / "runs")
    return made
