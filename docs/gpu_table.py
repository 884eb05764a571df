"""The rows that docs/gpu-run.sh left, side by side: Talweg, PyTorch, and the ratio of their times (above 1: Talweg is faster).

Example:  python3 docs/gpu_table.py OUT/rows.jsonl
"""
import json, sys


def key(r):
    """What both sides must have in common to be compared."""
    c = r["case"]
    if c == "train":
        return c, tuple(r["dims"]), r["batch"], r.get("clip", 0), r["dtype"]
    if c == "optim":
        return c, r["n"], r["tensors"], r["optimizer"]
    if c == "gemm":
        return c, r["m"], r["k"], r["n"], r["dtype"]
    return c, r["n"]


def microseconds(r):
    return r.get("us_per_step") or r.get("us") or 1e3 * r["ms"]


def main():
    rows = [json.loads(line) for line in open(sys.argv[1]) if line.startswith("{")]
    ours = {key(r): r for r in rows if r["system"].startswith("talweg") and r.get("nonfinite", "propagate") == "propagate"}
    theirs = {}
    for r in rows:
        if r["system"].startswith("pytorch"):
            theirs.setdefault(key(r), []).append(r)
    print("| case | Talweg | PyTorch | ratio |\n| --- | --- | --- | --- |")
    for k, r in ours.items():
        mine = microseconds(r)
        others = theirs.get(k, [])
        print("| %s | %.1f us%s | %s | %s |" % (
            " ".join(str(v).replace("(", "").replace(")", "") for v in k), mine, rate(r),
            ", ".join("%.1f us%s" % (microseconds(o), " " + o["mode"] if "mode" in o else rate(o)) for o in others) or "-",
            ", ".join("%.2f" % (microseconds(o) / mine) for o in others) or "-"))
    copies = [r["gb_per_s"] for r in rows if r["case"] == "copy" and r["system"].startswith("pytorch")]
    for k, r in ours.items():
        if k[0] == "optim" and copies and k[1] >= 1e6:
            print("\n%s over %d in %d: %.0f GB/s, %.2f of PyTorch's copy" % (k[3], k[1], k[2], r["gb_per_s"], r["gb_per_s"] / max(copies)), end="")
    ceiling = max((r["gflops"] for r in rows if r["case"] == "gemm" and r["dtype"] == "bf16"), default=0)
    for k, r in ours.items():
        if k[0] == "train" and r["dtype"] == "bf16" and ceiling:
            print("\ntraining in bf16: %.2f of the fastest bf16 product" % (r["gflops"] / ceiling), end="")
    adamw = {k[1:3]: microseconds(r) for k, r in ours.items() if k[0] == "optim" and k[3] == "adamw"}
    for k, r in ours.items():
        if k[0] == "optim" and k[3] == "lamb" and k[1:3] in adamw:
            print("\nLAMB over %d in %d: %.2f of AdamW's time" % (k[1], k[2], microseconds(r) / adamw[k[1:3]]), end="")
    print()


def rate(r):
    return ", %.0f GB/s" % r["gb_per_s"] if "gb_per_s" in r else ", %.1f TFLOP/s" % (r["gflops"] / 1e3) if "gflops" in r else ""


if __name__ == "__main__":
    main()
