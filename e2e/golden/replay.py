#!/usr/bin/env python3
"""Replays a recorded run in PyTorch and compares its losses, step by step.

    npm run train -- char-lstm-tiny --steps 30 --record runs/lstm
    python3 e2e/golden/replay.py runs/lstm

An independent oracle: from `init.safetensors`, `batches.safetensors` and `config.json` alone it computes the same model
with PyTorch's own LSTM, layer norm and attention, the same clipping, schedule and optimizer, in float64, and fails when
a loss differs by more than 2e-4 (float32 against float64 over 30 steps of a net whose gradients are of order one: the
rounding of one step is about 1e-6, and Adam's first steps magnify it). Needs torch and numpy, nothing else.
"""
import json
import math
import struct
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
TOLERANCE = 2e-4
IGNORED = -1
KINDS = {"F32": np.float32, "F64": np.float64, "I32": np.int32, "U32": np.uint32, "I64": np.int64}


def safetensors(path):
    raw = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    out = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        a, b = entry["data_offsets"]
        data = np.frombuffer(raw[8 + length + a : 8 + length + b], KINDS[entry["dtype"]])
        out[name] = torch.from_numpy(data.reshape(entry["shape"]).copy())
    return out


class Lstm(torch.nn.Module):
    def __init__(self, config, weights):
        super().__init__()
        vocab, embed = weights["embed.weight"].shape
        layers = config["model"]["layers"]
        hidden = weights["lstm.weight_hh_l0"].shape[1]
        self.embed = torch.nn.Embedding(vocab, embed)
        self.lstm = torch.nn.LSTM(embed, hidden, layers, batch_first=True)
        self.head = torch.nn.Linear(hidden, weights["head.weight"].shape[0])
        # One bias a gate: PyTorch's second one is zero and stays so.
        for k in range(layers):
            getattr(self.lstm, f"bias_hh_l{k}").requires_grad_(False)

    def forward(self, x):
        return self.head(self.lstm(self.embed(x))[0])


class Gpt(torch.nn.Module):
    def __init__(self, config, weights):
        super().__init__()
        self.config = config["model"]
        self.names = list(weights)
        for name, value in weights.items():
            self.register_parameter(name.replace(".", "/"), torch.nn.Parameter(torch.zeros(value.shape)))

    def __getitem__(self, name):
        return getattr(self, name.replace(".", "/"))

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self[f"{name}.weight"], self[f"{name}.bias"], 1e-5)

    def linear(self, x, name):
        return F.linear(x, self[f"{name}.weight"], self[f"{name}.bias"])

    def forward(self, ids):
        batch, length = ids.shape
        heads = self.config["heads"]
        x = self["wte.weight"][ids] + self["wpe.weight"][:length]
        width = x.shape[-1]
        layers = 1 + max(int(n.split(".")[1]) for n in self.names if n.startswith("h."))
        for i in range(layers):
            p = f"h.{i}"
            qkv = self.linear(self.norm(x, f"{p}.ln_1"), f"{p}.attn.c_attn")
            q, k, v = (t.view(batch, length, heads, width // heads).transpose(1, 2) for t in qkv.split(width, -1))
            a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.linear(a.transpose(1, 2).reshape(batch, length, width), f"{p}.attn.c_proj")
            h = F.gelu(self.linear(self.norm(x, f"{p}.ln_2"), f"{p}.mlp.c_fc"), approximate="tanh")
            x = x + self.linear(h, f"{p}.mlp.c_proj")
        return F.linear(self.norm(x, "ln_f"), self["lm_head.weight"])


def schedule(config, x):
    """Factor on the learning rate at the fraction x of the budget."""
    s = config["schedule"]
    w, r = s.get("warmup", 0), s.get("floor", 0)
    if s["id"] == "constant":
        return min(1.0, x / w) if w > 0 else 1.0
    if s["id"] == "triangle":
        return 2 * x if x < 0.5 else 2 - 2 * x
    if x < w:
        return x / w
    along = (x - w) / (1 - w)
    return 1 - along if s["id"] == "linear" else r + (1 - r) * 0.5 * (1 + math.cos(math.pi * along))


def decays(name, value):
    """Weight decay is for matrices and embeddings; biases and norms go without."""
    return value.dim() >= 2 and "bias" not in name


class Optimizer:
    def __init__(self, config, named):
        self.c = config["optim"]
        self.named = named
        self.t = 0
        self.slots = {n: [torch.zeros_like(p), torch.zeros_like(p)] for n, p in named}

    @torch.no_grad()
    def step(self, lr):
        c, self.t = self.c, self.t + 1
        decay = c.get("weightDecay", 0)
        norm = math.sqrt(sum(float((p.grad**2).sum()) for _, p in self.named))
        scale = min(1.0, c["clip"] / (norm + 1e-6)) if c.get("clip", 0) > 0 else 1.0
        for name, p in self.named:
            g = p.grad * scale
            m, v = self.slots[name]
            shrink = 1 - lr * decay if decays(name, p) else 1.0
            if c["id"] == "adamw":
                b1, b2 = c["beta1"], c["beta2"]
                m.mul_(b1).add_(g, alpha=1 - b1)
                v.mul_(b2).add_(g * g, alpha=1 - b2)
                update = (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + c["eps"])
            elif c["id"] == "lion":
                b1, b2 = c["beta1"], c["beta2"]
                update = torch.sign(b1 * m + (1 - b1) * g)
                m.mul_(b2).add_(g, alpha=1 - b2)
            else:
                m.mul_(c["momentum"]).add_(g)
                update = g + c["momentum"] * m if c.get("nesterov") else m.clone()
            p.mul_(shrink).sub_(lr * update)
            p.grad = None
        return norm


def main(folder):
    folder = Path(folder)
    config = json.loads((folder / "config.json").read_text())
    init = safetensors(folder / "init.safetensors")
    batches = safetensors(folder / "batches.safetensors")
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    steps = [e for e in events if e["type"] == "step"]
    if any(e["type"] == "structure/done" for e in events):
        sys.exit("This run changed its structure: replay a run without growth.")

    model = (Lstm if config["model"]["id"] == "lstm" else Gpt)(config, init)
    named = [(n.replace("/", "."), p) for n, p in model.named_parameters()]
    with torch.no_grad():
        for name, p in named:
            p.copy_(init[name].to(torch.float64))
    named = [(n, p) for n, p in named if p.requires_grad]
    optimizer = Optimizer(config, named)

    inputs = batches["inputs"].to(torch.int64)
    targets = batches["targets"].to(torch.int64)
    vocab = init["head.weight" if "head.weight" in init else "lm_head.weight"].shape[0]
    targets = torch.where((targets < 0) | (targets >= vocab), IGNORED, targets)
    budget = config["budget"]["amount"]
    per_step = {"steps": 1, "tokens": config["batch"] * config["context"]}[config["budget"]["unit"]]
    worst = 0.0
    for i, event in enumerate(steps):
        logits = model(inputs[i])
        loss = F.cross_entropy(logits.reshape(-1, vocab), targets[i].reshape(-1), ignore_index=IGNORED)
        loss.backward()
        lr = config["optim"]["lr"] * schedule(config, (i + 0.5) * per_step / budget)
        if abs(lr - event["lr"]) > 1e-6 * max(lr, 1e-9):
            sys.exit(f"step {i + 1}: learning rate {event['lr']}, expected {lr}")
        optimizer.step(lr)
        difference = abs(loss.item() - event["loss"])
        worst = max(worst, difference)
        if difference > TOLERANCE:
            sys.exit(f"step {i + 1}: loss {event['loss']}, PyTorch {loss.item():.6f}, differ by {difference:.2e}")
    if not steps:
        sys.exit("No steps were recorded.")
    print(f"{len(steps)} steps agree with PyTorch {torch.__version__}: largest difference {worst:.2e} (limit {TOLERANCE})")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: replay.py <folder made by npm run train -- … --record>")
    main(sys.argv[1])
