"""Talweg beside PyTorch: runs both benchmarks of one case by turns and prints the ratios of their times.

On a machine that is shared, times of runs minutes apart differ by more than the programs do. Runs by turns see the same
weather: compare the median of the rounds' ratios, and the ratio of the best windows, which is what both reach undisturbed.

Example:  python3 docs/paired.py --rounds 5 train --dims 784,512,256,10 --batch 128
"""
import argparse, json, statistics, subprocess, sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def rows(command):
    text = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def times(row):
    """Median and best window in milliseconds."""
    if "us_per_step" in row:
        return row["us_per_step"] / 1e3, row["us_min"] / 1e3
    if "ms" in row:
        return row["ms"], row.get("ms_min", row["ms"])
    return row["us"] / 1e3, row.get("us_min", row["us"]) / 1e3


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--seconds", default="2", help="of Talweg's measurement, and of its warm-up")
    a, case = p.parse_known_args()
    ours, theirs = [], []
    for i in range(a.rounds):
        torch = rows([sys.executable, "docs/torch_baseline.py", "--threads", str(a.threads), *case])[-1]
        # PyTorch's optimizers do not look for NaN before they update; the row that compares does not either.
        talweg = [r for r in rows(["./talweg", "benchmark", *case, "--threads", str(a.threads), "--seconds", a.seconds, "--json"])
                  if r.get("nonfinite", "propagate") == "propagate" and r.get("backend") != "java"][-1]
        theirs.append(times(torch))
        ours.append(times(talweg))
        print("round %d: PyTorch %.3f ms (best %.3f), Talweg %.3f ms (best %.3f), ratio %.2f"
              % (i + 1, *theirs[-1], *ours[-1], theirs[-1][0] / ours[-1][0]), flush=True)
    ratios = [t[0] / o[0] for t, o in zip(theirs, ours)]
    print("%s: median ratio %.2f (%.2f to %.2f), ratio of the best windows %.2f"
          % (" ".join(case), statistics.median(ratios), min(ratios), max(ratios),
             min(t[1] for t in theirs) / min(o[1] for o in ours)))


if __name__ == "__main__":
    main()
