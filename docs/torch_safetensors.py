"""Models between PyTorch and Talweg, with the real torch and safetensors packages.

  python docs/torch_safetensors.py write DIR    writes what SafetensorsTorchTest reads
  python docs/torch_safetensors.py check FILE   loads a model of that test's network, saved by Talweg, into
                                                PyTorch (strictly) and prints its output for a fixed input
"""

import sys
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file


def network():
    return torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.ReLU(), torch.nn.Linear(4, 2)
    )


def fixed_input():
    return torch.arange(15, dtype=torch.float32).reshape(5, 3) / 7 - 1


def write(folder):
    torch.manual_seed(3)
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        model(torch.randn(8, 3)).square().mean().backward()
        optimizer.step()
    model.eval()
    save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    x = fixed_input()
    save_file({"x": x, "y": model(x).detach()}, folder / "expected.safetensors")
    save_file(
        {
            "f32": torch.tensor([[1.5, -2.25], [float("inf"), 1e-45]]),
            "f64": torch.tensor([0.1, -1e300], dtype=torch.float64),
            "bf16": torch.tensor([1.0, -3.140625, 2.0], dtype=torch.bfloat16),
            "i32": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
            "i64": torch.tensor(2**53 + 1, dtype=torch.int64),
            "u8": torch.tensor([0, 127, 255], dtype=torch.uint8),
            "empty": torch.zeros(0, 3),
        },
        folder / "types.safetensors",
        metadata={"note": 'quotes " and \u00e9\u4e2d'},
    )


def check(file):
    with safe_open(file, framework="pt") as opened:
        print("metadata", opened.metadata())
    state = load_file(file)
    for name, tensor in state.items():
        print(name, tensor.dtype, tuple(tensor.shape))
    model = network().double() if state["0.weight"].dtype == torch.float64 else network()
    print(model.load_state_dict(state, strict=True))
    model.eval()
    print(model(fixed_input().to(state["0.weight"].dtype)))


if __name__ == "__main__":
    {"write": lambda to: write(Path(to)), "check": check}[sys.argv[1]](sys.argv[2])
