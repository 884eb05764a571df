#!/usr/bin/env bash
# Everything that docs/gpu-results.md shows, in one call of under eight minutes, on a machine with an NVIDIA driver,
# cuBLAS and PyTorch: correctness first, then timings beside PyTorch's, then a table of ratios.
#
#   mvn -Pbundle -DskipTests package
#   docs/gpu-run.sh examples/target/talweg-*-linux-x86_64.tar.xz OUT [MNIST]
#
# OUT is a folder for what it writes; MNIST one with IDX files. A dry run without a GPU: BACKEND=cpu TORCH=cpu SCALE=100.
# After BUDGET seconds nothing is started any more, and what runs is ended; the table is made of what is there.
set -uo pipefail
if [ $# -lt 2 ]; then
  sed -n '2,9p' "$0" >&2
  exit 2
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bundle=$(realpath "$1")
mkdir -p "$2" && out=$(realpath "$2")
mnist=${3:+$(realpath "$3")}
backend=${BACKEND:-cuda}
torch=${TORCH:-cuda}
scale=${SCALE:-1} # divides the sizes of the large cases
seconds=${SECONDS_PER_CASE:-1}
budget=${BUDGET:-450}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Python knows xz where tar does not.
tar -C "$work" -xf "$bundle" 2>/dev/null || python3 -m tarfile -e "$bundle" "$work" || exit 1
talweg=$(echo "$work"/talweg-*/talweg)
python3 -m zipfile -e "$root/core/src/test/resources/talweg/conformance/public.zip" "$work/goldens" || exit 1

within() { # SECONDS COMMAND...: ends it after so many seconds, or when the budget is spent
  local limit=$1 left=$((budget - SECONDS))
  shift
  [ $left -gt 0 ] || return 124
  timeout -k 5 $((limit < left ? limit : left)) "$@"
}
part() { # NAME SECONDS COMMAND...: runs it, with its output in OUT/NAME.txt; goes on when it fails
  local name=$1 limit=$2 start=$SECONDS
  shift 2
  within "$limit" "$@" >>"$out/$name.txt" 2>&1
  local status=$?
  printf '%-14s %3d s  exit %d\n' "$name" $((SECONDS - start)) $status | tee -a "$out/parts.txt"
}
ours() { within 60 "$talweg" benchmark "$@" --backend "$backend" --seconds "$seconds" --json 2>>"$out/errors.txt" >>"$out/rows.jsonl"; }
theirs() { within 90 python3 "$root/docs/torch_baseline.py" --device "$torch" --seconds "$seconds" "$@" 2>>"$out/errors.txt" >>"$out/rows.jsonl"; }
pair() { # the same case on both sides, one after the other
  ours "$@"
  theirs "$@"
}
rm -f "$out"/*.txt "$out"/*.jsonl

# Both sides multiply with the same cuBLAS, if PyTorch brought one.
if [ "$backend" = cuda ]; then
  cublas=$(python3 - 2>/dev/null <<'END'
import glob, os, torch
packages = os.path.dirname(os.path.dirname(torch.__file__))
name = "libcublas.so." + torch.version.cuda.split(".")[0]
print(*glob.glob(os.path.join(packages, "nvidia", "*", "lib", name))[:1])
END
  )
  [ -z "$cublas" ] || export TALWEG_JAVA_OPTS="${TALWEG_JAVA_OPTS:-} -Dtalweg.cublas=$cublas"
fi

# ---- the machine
part machine 20 bash -c "date -u; nvidia-smi; uname -a; python3 -c 'import torch; print(\"PyTorch\", torch.__version__)'"
part doctor 60 "$talweg" doctor
cat "$out/doctor.txt"

# ---- correctness
part conformance 90 "$talweg" conformance "$work/goldens" --backend "$backend"
tail -n 9 "$out/conformance.txt"
part digits 60 "$talweg" train --backend "$backend" --out "$work/digits"
part digits-cpu 60 "$talweg" train --backend cpu --out "$work/digits-cpu"
if [ -n "$mnist" ]; then
  part mnist 90 "$talweg" train --data "idx:$mnist" --hidden 256,128 --epochs 5 --backend "$backend" --out "$work/mnist"
  part mnist-cpu 90 "$talweg" train --data "idx:$mnist" --hidden 256,128 --epochs 5 --backend cpu --out "$work/mnist-cpu"
fi
grep -h '^done' "$out"/digits*.txt "$out"/mnist*.txt 2>/dev/null

# ---- timings
net="--dims 784,512,256,10 --batch 128"
big="--dims 784,$((4096 / scale)),$((4096 / scale)),10 --batch $((8192 / scale))"
n=$((100000000 / scale))
start=$SECONDS
ours copy --n $n && theirs copy --n $n
for mode in cuda-graph eager reduce-overhead; do
  [ "$torch" = cpu ] && [ $mode != eager ] && continue
  theirs train $net --mode $mode
done
ours train $net
theirs train $net --mode "$([ "$torch" = cpu ] && echo eager || echo cuda-graph)" --clip 1
ours train $net --clip 1
if [ "$backend" = cuda ]; then
  theirs train $net --mode cuda-graph --dtype tf32
  ours train $net --precision tf32
  theirs train $big --mode cuda-graph --dtype bf16
  theirs train $big --mode eager --dtype bf16
  ours train $big --precision bf16
  theirs gemm --mkn 8192,4096,4096 --dtype bf16
  ours gemm --mkn 8192,4096,4096 --precision bf16
  theirs gemm --mkn 8192,4096,4096
  ours gemm --mkn 8192,4096,4096
fi
pair optim --n $n
pair optim --n $n --tensors 1000
pair optim --n 535818
ours optim --n $n --optimizer lamb
ours optim --n $n --optimizer lamb --tensors 1000
printf '%-14s %3d s\n' timings $((SECONDS - start)) | tee -a "$out/parts.txt"
grep -E 'Error|^talweg:' "$out/errors.txt" | sort | uniq -c

# ---- memory after 10,000 steps: device memory in use while a training of 250 epochs runs
if command -v nvidia-smi >/dev/null; then
  (while :; do nvidia-smi --query-gpu=timestamp,memory.used --format=csv,noheader; sleep 1; done) >"$out/memory.txt" &
  watch=$!
fi
part ten-thousand 90 "$talweg" train --epochs 250 --no-plots --backend "$backend" --out "$work/long"
if [ -n "${watch:-}" ]; then
  kill "$watch"
  echo "device memory, seconds at each amount:"
  cut -d, -f2 "$out/memory.txt" | uniq -c
fi

# ---- where the time of a step goes, kernel by kernel
if command -v nsys >/dev/null; then
  part trace 45 nsys profile --cuda-graph-trace=node --output "$out/step" --force-overwrite true \
    "$talweg" benchmark train $net --backend "$backend" --seconds 0.2
  part kernels 30 nsys stats --report cuda_gpu_kern_sum "$out/step.nsys-rep"
fi

# ---- memory errors and races in the kernels, as far as the time goes
if command -v compute-sanitizer >/dev/null; then
  for tool in memcheck racecheck; do
    part $tool 90 compute-sanitizer --tool $tool --error-exitcode 9 --target-processes all \
      "$talweg" conformance "$work/goldens" --backend "$backend" --only 'autodiff/*'
    tail -n 3 "$out/$tool.txt"
  done
fi

python3 "$root/docs/gpu_table.py" "$out/rows.jsonl" | tee "$out/table.md"
