"""Golden vectors of optimizers that the public set does not have, computed by torch in float64.

    python generate.py        (torch 2.13.0+cpu; seed 20; writes NAME.json beside this file)

Lion is not part of torch: its rule (Chen et al. 2023, Algorithm 2) is written out below. torch's Muon iterates in bfloat16,
which is replaced by the precision of the gradient.
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
torch.Tensor.bfloat16 = lambda self: self.clone()

SHAPES = [[3, 4], [5], [1]]
MATRICES = [[3, 5], [6, 2], [4, 4]]
STEPS = 8
RECORDED = [1, 2, 8]


class Lion(torch.optim.Optimizer):
    def __init__(self, params, **hyper):
        super().__init__(params, hyper)

    def step(self):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for w in group["params"]:
                m = self.state[w].setdefault("exp_avg", torch.zeros_like(w))
                direction = torch.sign(b1 * m + (1 - b1) * w.grad)
                with torch.no_grad():
                    w -= group["lr"] * (direction + group["weight_decay"] * w)
                self.state[w]["exp_avg"] = b2 * m + (1 - b2) * w.grad


NADAM = {"lr": 0.01, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.0, "momentum_decay": 4e-3,
         "decoupled_weight_decay": False}
RADAM = {"lr": 0.01, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.0, "decoupled_weight_decay": False}
ADADELTA = {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0}
LION = {"lr": 0.01, "betas": [0.9, 0.99], "weight_decay": 0.0}
MUON = {"lr": 0.02, "weight_decay": 0.1, "momentum": 0.95, "nesterov": True, "eps": 1e-7, "ns_steps": 5,
        "adjust_lr_fn": "original"}

CASES = [
    ("nadam_plain", "NAdam", NADAM, {}),
    ("nadam_l2_large_eps", "NAdam", NADAM, {"weight_decay": 0.1, "eps": 0.05, "momentum_decay": 0.1}),
    ("nadam_decoupled", "NAdam", NADAM, {"weight_decay": 0.2, "betas": [0.8, 0.95], "decoupled_weight_decay": True}),
    ("radam_plain", "RAdam", RADAM, {}),
    ("radam_l2_large_eps", "RAdam", RADAM, {"weight_decay": 0.1, "eps": 0.05, "betas": [0.8, 0.95]}),
    ("radam_decoupled", "RAdam", RADAM, {"weight_decay": 0.2, "decoupled_weight_decay": True}),
    ("radam_never_rectified", "RAdam", RADAM, {"betas": [0.9, 0.5]}),
    ("adadelta_plain", "Adadelta", ADADELTA, {}),
    ("adadelta_l2_large_eps", "Adadelta", ADADELTA, {"weight_decay": 0.1, "eps": 0.05, "rho": 0.8}),
    ("lion_plain", "Lion", LION, {}),
    ("lion_decay", "Lion", LION, {"weight_decay": 0.3, "betas": [0.95, 0.98]}),
    ("muon_plain", "Muon", MUON, {}),
    ("muon_plain_momentum", "Muon", MUON, {"nesterov": False, "weight_decay": 0.0, "ns_steps": 3}),
    ("muon_match_rms", "Muon", MUON, {"momentum": 0.8, "adjust_lr_fn": "match_rms_adamw"}),
]


def float32_values(shape):
    return torch.randn(shape, dtype=torch.float32).double()


def case(name, optimizer, hyper):
    shapes = MATRICES if optimizer == "Muon" else SHAPES
    weights = [float32_values(s).requires_grad_() for s in shapes]
    initial = [w.tolist() for w in (w.detach().flatten() for w in weights)]
    rule = Lion if optimizer == "Lion" else getattr(torch.optim, optimizer)
    opt = rule(weights, **hyper)
    gradients, params, state = [], [], {}
    for step in range(1, STEPS + 1):
        for w, shape in zip(weights, shapes):
            w.grad = float32_values(shape)
        gradients.append([w.grad.flatten().tolist() for w in weights])
        opt.step()
        if step in RECORDED:
            params.append([w.detach().flatten().tolist() for w in weights])
            for key in opt.state[weights[0]]:
                # Muon's buffer is an average there and a sum here: their directions are the same.
                if key not in ("step", "momentum_buffer"):
                    values = [opt.state[w][key].flatten().tolist() for w in weights]
                    state.setdefault(key, []).append(values)
    return {
        "format": 1,
        "set": "further",
        "area": "optimizers",
        "case": name,
        "tags": ["core"],
        "optimizer": optimizer,
        "hyper": hyper,
        "tensors": [{"name": f"w{i}", "shape": s} for i, s in enumerate(shapes)],
        "param_groups": [{"tensors": list(range(len(shapes))), "overrides": {}}],
        "steps": STEPS,
        "lr_per_step": None,
        "initial_params": initial,
        "gradients": gradients,
        "recorded_steps": RECORDED,
        "expected": {"float64": {"params": params, "state": state}},
        "tolerance": {"float64": 1e-12, "float32": 5e-6},
    }


torch.manual_seed(20)
for name, optimizer, hyper, changes in CASES:
    text = json.dumps(case(name, optimizer, hyper | changes))
    (pathlib.Path(__file__).parent / f"{name}.json").write_text(text + "\n")
