#!/usr/bin/env python3
"""Replays a recorded run in PyTorch and compares its losses, step by step.

    npm run train -- char-lstm-tiny --steps 30 --record runs/lstm
    python3 e2e/golden/replay.py runs/lstm

An independent oracle: from `init.safetensors`, `batches.safetensors` and `config.json` alone it computes the same model
with PyTorch's own LSTM, layer norm and cross-entropy, the same clipping, schedule and optimizer, in float64, and fails
when a loss differs by more than 2e-4 (float32 against float64 over 30 steps of a net whose gradients are of order one:
the rounding of one step is about 1e-6, and Adam's first steps magnify it). Needs torch and numpy, nothing else.

    python3 e2e/golden/replay.py --write runs/lstm runs/gpt …

does the same and puts config and PyTorch's losses of each into replay.json, under the folder's name. Initial weights and
batches are the same on every device, to the bit, so that file is this oracle for machines without PyTorch.
"""
import argparse
import copy
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
HERE = Path(__file__).parent
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
        blocks = config["model"]["blocks"]
        cascade = config["model"]["connectivity"] == "cascade" and len(blocks) > 1
        for k in range(layers):
            # One bias a gate: PyTorch's second one is zero and stays so.
            getattr(self.lstm, f"bias_hh_l{k}").requires_grad_(False)
            # Cascade: a cell reads its own block and older ones. What it does not read is 0 and gets no gradient.
            if cascade:
                block = torch.repeat_interleave(torch.arange(len(blocks)), torch.tensor(blocks))
                reads = (block[None, :] <= block[:, None]).repeat(4, 1)
                getattr(self.lstm, f"weight_hh_l{k}").register_hook(lambda g, reads=reads: g * reads)

    def forward(self, x):
        return self.head(self.lstm(self.embed(x))[0])


class Transformer(torch.nn.Module):
    """GPT, BERT and ViT, written out over the recorded names."""

    def __init__(self, config, weights):
        super().__init__()
        self.config = config["model"]
        self.names = list(weights)
        for name, value in weights.items():
            self.register_parameter(name.replace(".", "/"), torch.nn.Parameter(torch.zeros(value.shape)))

    def __getitem__(self, name):
        return getattr(self, name.replace(".", "/"))

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self[f"{name}.weight"], self[f"{name}.bias"], self.config["eps"])

    def linear(self, x, name):
        return F.linear(x, self[f"{name}.weight"], self[f"{name}.bias"])

    def attention(self, x, name):
        batch, length, width = x.shape
        heads = self.config["heads"]
        qkv = self.linear(x, f"{name}.c_attn")
        q, k, v = (t.view(batch, length, heads, width // heads).transpose(1, 2) for t in qkv.split(width, -1))
        # Written out: older PyTorch has no function for it.
        scores = q @ k.transpose(-2, -1) / math.sqrt(width // heads)
        if self.config["id"] == "gpt":
            scores = scores.masked_fill(torch.ones(length, length).triu(1).bool(), -torch.inf)
        return self.linear((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, width), f"{name}.c_proj")

    def make(self, x, name):
        return self.linear(F.gelu(self.linear(x, f"{name}.c_fc"), approximate="tanh"), f"{name}.c_proj")

    def trunk(self, x):
        post = self.config.get("norm") == "post"
        for i in range(1 + max(int(n.split(".")[1]) for n in self.names if n.startswith("h."))):
            p = f"h.{i}"
            if post:
                x = self.norm(x + self.attention(x, f"{p}.attn"), f"{p}.ln_1")
                x = self.norm(x + self.make(x, f"{p}.mlp"), f"{p}.ln_2")
            else:
                x = x + self.attention(self.norm(x, f"{p}.ln_1"), f"{p}.attn")
                x = x + self.make(self.norm(x, f"{p}.ln_2"), f"{p}.mlp")
        return x

    def forward(self, given):
        if self.config["id"] == "vit":
            side = int(self.config["patch"])
            width, pixels = self["patch.weight"].shape
            kernel = self["patch.weight"].view(width, pixels // side**2, side, side)
            rows = F.conv2d(given, kernel, self["patch.bias"], stride=side).flatten(2).transpose(1, 2)
            x = torch.cat([self["cls"].expand(len(given), 1, width), rows], 1) + self["wpe.weight"]
            return self.linear(self.norm(self.trunk(x)[:, 0], "ln_f"), "head")
        x = self["wte.weight"][given] + self["wpe.weight"][: given.shape[1]]
        if self.config.get("norm") == "post":
            x = self.norm(x, "ln_e")
        x = self.norm(self.trunk(x), "ln_f")
        # [BOS], or [CLS] and [MASK], are read and never asked for.
        special = 2 if self.config["id"] == "bert" else 1
        head = self["wte.weight"][:-special] if self.config["tied"] else self["lm_head.weight"]
        return F.linear(x, head, self["lm_head.bias"] if self.config["id"] == "bert" else None)


ACTIVATIONS = {
    "relu": F.relu,
    "leaky-relu": F.leaky_relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": lambda x: F.gelu(x, approximate="tanh"),
}


class Images(torch.nn.Module):
    """MLP and CNN: PyTorch's own convolution, batch norm, pooling and linear layers."""

    def __init__(self, config, weights):
        super().__init__()
        self.config = c = config["model"]
        self.act = ACTIVATIONS[c["activation"]]
        self.convs = [n.split(".")[0] for n in weights if n.startswith("conv") and n.endswith("weight")]
        self.fcs = [n.split(".")[0] for n in weights if n.startswith("fc") and n.endswith("weight")]
        for name in self.convs:
            out, channels, k, _ = weights[f"{name}.weight"].shape
            padding = k // 2 if c["padding"] == "same" else 0
            setattr(self, name, torch.nn.Conv2d(channels, out, k, padding=padding, bias=not c["batchNorm"]))
            if c["batchNorm"]:
                norm = torch.nn.BatchNorm2d(out)
                del norm.num_batches_tracked  # of no use, and not recorded
                norm.num_batches_tracked = None
                setattr(self, name.replace("conv", "bn"), norm)
        for name in self.fcs:
            out, inputs = weights[f"{name}.weight"].shape
            setattr(self, name, torch.nn.Linear(inputs, out))

    def forward(self, x):
        c = self.config
        if c["halve"]:
            x = F.avg_pool2d(x, 2)
        for name in self.convs:
            x = getattr(self, name)(x)
            if c["batchNorm"]:
                x = getattr(self, name.replace("conv", "bn"))(x)
            x = (F.max_pool2d if c["pooling"] == "max" else F.avg_pool2d)(self.act(x), 2)
        x = x.flatten(1)
        for name in self.fcs[:-1]:
            x = self.act(getattr(self, name)(x))
        return getattr(self, self.fcs[-1])(x)


MODELS = {"lstm": Lstm, "gpt": Transformer, "bert": Transformer, "vit": Transformer, "mlp": Images, "cnn": Images}


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
    left = 1 - along if s["id"] == "linear" else 0.5 * (1 + math.cos(math.pi * along))
    return r + (1 - r) * left


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


class Mismatch(Exception):
    pass


def edit(config, event):
    """A setting that was changed by hand or by the recipe while the run went on."""
    group, name = event["path"].split(".")
    config[group][name] = event["value"]


def replay(folder):
    """(config as recorded, PyTorch's losses, largest difference)."""
    folder = Path(folder)
    recorded = json.loads((folder / "config.json").read_text())
    config = copy.deepcopy(recorded)
    init = safetensors(folder / "init.safetensors")
    batches = safetensors(folder / "batches.safetensors")
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    steps = [e for e in events if e["type"] == "step"]
    edits = [e for e in events if e["type"] == "edit"]
    if any(e["type"] == "structure/done" for e in events):
        raise Mismatch("This run changed its structure: replay a run without growth.")
    if not steps:
        raise Mismatch("No steps were recorded.")

    model = MODELS[config["model"]["id"]](config, init)
    named = [(n.replace("/", "."), p) for n, p in model.named_parameters()]
    state = [*named, *model.named_buffers()]
    if sorted(n for n, _ in state) != sorted(init):
        raise Mismatch(f"The recorded weights are called {sorted(init)}, PyTorch's {sorted(n for n, _ in state)}.")
    with torch.no_grad():
        for name, p in state:
            p.copy_(init[name].to(torch.float64))
    named = [(n, p) for n, p in named if p.requires_grad]
    optimizer = Optimizer(config, named)

    inputs = batches["inputs"]
    inputs = inputs.to(torch.float64 if inputs.dtype == torch.float32 else torch.int64)
    targets = batches["targets"].to(torch.int64)
    unit, budget = config["budget"]["unit"], config["budget"]["amount"]
    cost = 1 if unit == "steps" else steps[0][unit]
    losses, worst = [], 0.0
    for i, event in enumerate(steps):
        for change in edits:
            if change["step"] == i:
                edit(config, change)
        if config["model"]["dropout"] > 0:
            raise Mismatch("This run drops units: its draws are not recorded. Replay a run with dropout 0.")
        logits = model(inputs[i])
        loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets[i].reshape(-1), ignore_index=IGNORED)
        loss.backward()
        lr = config["optim"]["lr"] * schedule(config, min(1, (i + 0.5) * cost / budget))
        if abs(lr - event["lr"]) > 1e-6 * lr:
            raise Mismatch(f"step {i + 1}: learning rate {event['lr']}, expected {lr}")
        norm = optimizer.step(lr)
        if abs(norm - event["gradNorm"]) > 1e-2 * max(norm, 1e-3):
            raise Mismatch(f"step {i + 1}: gradient norm {event['gradNorm']}, PyTorch {norm:.6f}")
        losses.append(loss.item())
        difference = abs(losses[-1] - event["loss"])
        worst = max(worst, difference)
        if not difference <= TOLERANCE:
            raise Mismatch(f"step {i + 1}: loss {event['loss']}, PyTorch {loss.item():.6f}, differ by {difference:.2e}")
    # Running statistics of a batch norm are noted down step by step: at the end they must be the same, too.
    final = safetensors(folder / "final.safetensors")
    for name, value in model.named_buffers():
        off = float((final[name].to(torch.float64) - value).abs().max())
        if not off <= TOLERANCE * max(1.0, float(value.abs().max())):
            raise Mismatch(f"{name} is off by {off:.2e} after the last step")
    print(f"{folder.name}: {len(steps)} steps agree with PyTorch {torch.__version__}: largest difference {worst:.2e} (limit {TOLERANCE})")
    return recorded, losses


def write(runs):
    made = {
        "by": "e2e/golden/replay.py --write",
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": sys.version.split()[0],
    }
    lines = [f'  "made": {json.dumps(made)},', '  "runs": {']
    for n, (name, (config, losses)) in enumerate(runs.items(), 1):
        lines += [f"    {json.dumps(name)}: {{", f'      "config": {json.dumps(config)},']
        lines += [f'      "losses": {json.dumps(losses)}', "    }" + ("," if n < len(runs) else "")]
    (HERE / "replay.json").write_text("\n".join(["{", *lines, "  }", "}"]) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Replays recorded runs in PyTorch.")
    parser.add_argument("folders", nargs="+", help="made by npm run train -- … --record FOLDER")
    parser.add_argument("--write", action="store_true", help="put PyTorch's losses into replay.json")
    options = parser.parse_args()
    try:
        replayed = {Path(folder).name: replay(folder) for folder in options.folders}
    except Mismatch as mismatch:
        sys.exit(str(mismatch))
    if options.write:
        write(replayed)
