#!/usr/bin/env python3
"""Makes ops.json: what PyTorch's own layers give, forward and all gradients, for small fixed inputs.

    python3 e2e/golden/make_ops.py            writes e2e/golden/ops.json
    python3 e2e/golden/make_ops.py --check    compares with what is there, to 1e-12, and writes nothing

The engine's float64 references are held against these numbers to 1e-10, its kernels to what float32 allows
(src/testing/golden*.test.ts). Inputs are float32 numbers, so that both start from the same; everything is computed in
float64. Where a loss is needed it is the sum of an output times fixed weights. Needs torch and numpy, nothing else.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

SEED = 20260
HERE = Path(__file__).parent
torch.set_default_dtype(torch.float64)
draw = np.random.Generator(np.random.Philox(SEED))


def normal(*shape, scale=1.0):
    values = (draw.standard_normal(shape) * scale).astype(np.float32).astype(np.float64)
    return torch.from_numpy(values).requires_grad_()


def gradients(loss, named):
    loss.backward()
    return {f"d {name}": tensor.grad for name, tensor in named.items()}


def dense():
    """y = gelu(x W' + b) + r, GELU in the tanh form; W is out x in."""
    named = {"x": normal(3, 5, scale=1.5), "w": normal(6, 5), "b": normal(6), "r": normal(3, 6)}
    weights = normal(3, 6)
    pre = F.linear(named["x"], named["w"], named["b"])
    y = F.gelu(pre, approximate="tanh") + named["r"]
    return {**named, "weights": weights}, {"y": y, **gradients((y * weights).sum(), named)}


def lstm_layer(inputs, hidden):
    """PyTorch's LSTM: gates i, f, g, o in one matrix. Its second bias is zero, as ours has one."""
    layer = torch.nn.LSTM(inputs, hidden, batch_first=True)
    layer.weight_ih_l0 = torch.nn.Parameter(normal(4 * hidden, inputs, scale=0.7).detach())
    layer.weight_hh_l0 = torch.nn.Parameter(normal(4 * hidden, hidden, scale=0.7).detach())
    layer.bias_ih_l0 = torch.nn.Parameter(normal(4 * hidden, scale=0.5).detach())
    layer.bias_hh_l0 = torch.nn.Parameter(torch.zeros(4 * hidden))
    return layer, {"w_x": layer.weight_ih_l0, "w_h": layer.weight_hh_l0, "b": layer.bias_ih_l0}


def lstm():
    batch, time, inputs, hidden = 3, 7, 4, 5
    layer, weights_of = lstm_layer(inputs, hidden)
    named = {
        "x": normal(batch, time, inputs),
        **weights_of,
        "h0": normal(1, batch, hidden, scale=0.5),
        "c0": normal(1, batch, hidden),
    }
    weights = normal(batch, time, hidden)
    h, (_, last) = layer(named["x"], (named["h0"], named["c0"]))
    found = {"h": h, "c at the end": last, **gradients((h * weights).sum(), named)}
    return {**named, "weights": weights}, found


def lstm_from_zero():
    """Without a state given."""
    layer, weights_of = lstm_layer(3, 4)
    named = {"x": normal(2, 6, 3), **weights_of}
    weights = normal(2, 6, 4)
    h, _ = layer(named["x"])
    return {**named, "weights": weights}, {"h": h, **gradients((h * weights).sum(), named)}


def attention(causal):
    batch, time, heads, d = 2, 6, 2, 4
    named = {"qkv": normal(batch, time, 3, heads, d, scale=1.5)}
    weights = normal(batch, time, heads * d)
    q, k, v = (named["qkv"][:, :, i].transpose(1, 2) for i in range(3))
    scores = q @ k.transpose(-2, -1) / d**0.5
    if causal:
        scores = scores.masked_fill(~torch.ones(time, time).tril().bool(), -torch.inf)
    p = scores.softmax(-1)
    y = (p @ v).transpose(1, 2).reshape(batch, time, heads * d)
    return {**named, "weights": weights}, {"y": y, "p": p, **gradients((y * weights).sum(), named)}


def layer_norm():
    named = {"x": normal(5, 6, scale=2.0), "gain": normal(6), "bias": normal(6)}
    weights = normal(5, 6)
    y = F.layer_norm(named["x"], (6,), named["gain"], named["bias"], eps=1e-5)
    return {**named, "weights": weights}, {"y": y, **gradients((y * weights).sum(), named)}


def cross_entropy():
    """The losses of rows without a target are 0; PyTorch's mark for them is -100, ours 0xffffffff."""
    named = {"logits": normal(6, 9, scale=3.0)}
    weights = normal(6)
    targets = torch.tensor([0, 8, -100, 3, 3, -100])
    losses = F.cross_entropy(named["logits"], targets, reduction="none", ignore_index=-100)
    found = {"losses": losses, **gradients((losses * weights).sum(), named)}
    marked = torch.where(targets < 0, torch.tensor(0xFFFFFFFF), targets)
    return {**named, "targets": marked, "weights": weights}, found


# Numbers that float32 holds exactly, bias corrections included: the control block carries them as such.
ADAMW = {"lr": 2**-7, "betas": (0.875, 0.96875), "eps": 2**-20, "weight_decay": 0.125}


def adamw():
    start = normal(64)
    param = torch.nn.Parameter(start.detach().clone())
    steps = [normal(64, scale=scale) for scale in (1.0, 0.3, 3.0)]
    optimizer = torch.optim.AdamW([param], **ADAMW)
    found = {}
    for n, gradient in enumerate(steps, 1):
        param.grad = gradient.detach().clone()
        optimizer.step()
        found[f"param {n}"] = param.detach().clone()
    state = optimizer.state[param]
    found |= {"m": state["exp_avg"], "v": state["exp_avg_sq"]}
    return {"param": start, **{f"grad {n}": g for n, g in enumerate(steps, 1)}}, found


def h_lstm(layers):
    """A cell whose gates i, f, g, o are networks of their own with hidden layers of leaky ReLUs (Dai, Yin, Jha 2020)."""
    batch, time, inputs, hidden, width, slope = 2, 5, 3, 4, 6, 0.01
    named = {
        "x": normal(batch, time, inputs),
        "u_x": normal(4 * width, inputs, scale=0.8),
        "d": normal(4 * width, scale=0.5),
        "u_h": normal(4, width, hidden, scale=0.8),
        "w": normal(4, hidden, width, scale=0.7),
        "b": normal(4, hidden, scale=0.5),
    }
    if layers > 1:
        named["inner"] = normal(layers - 1, 4, width, width, scale=0.6)
        named["inner_d"] = normal(layers - 1, 4, width, scale=0.3)
    u_x, d = named["u_x"].reshape(4, width, inputs), named["d"].reshape(4, width)
    h, c, seen = torch.zeros(batch, hidden), torch.zeros(batch, hidden), []
    for t in range(time):
        gates = []
        for q, act in enumerate((torch.sigmoid, torch.sigmoid, torch.tanh, torch.sigmoid)):
            p = F.linear(named["x"][:, t], u_x[q], d[q]) + F.linear(h, named["u_h"][q])
            a = F.leaky_relu(p, slope)
            for k in range(layers - 1):
                a = F.leaky_relu(F.linear(a, named["inner"][k, q], named["inner_d"][k, q]), slope)
            gates.append(act(F.linear(a, named["w"][q], named["b"][q])))
        i, f, g, o = gates
        c = f * c + i * g
        h = o * torch.tanh(c)
        seen.append(h)
    h = torch.stack(seen, 1)
    weights = normal(batch, time, hidden)
    return {**named, "weights": weights}, {"h": h, "c at the end": c.unsqueeze(1), **gradients((h * weights).sum(), named)}


def plain(tensors):
    return {
        name: {"shape": list(t.shape), "data": t.detach().reshape(-1).tolist()} for name, t in tensors.items()
    }


def make():
    cases = {
        "dense": dense(),
        "lstm": lstm(),
        "lstm from zero": lstm_from_zero(),
        "attention, causal": attention(True),
        "attention, full": attention(False),
        "layer norm": layer_norm(),
        "cross-entropy": cross_entropy(),
        "adamw": adamw(),
        "h-lstm": h_lstm(1),
        "h-lstm, 2 hidden layers": h_lstm(2),
    }
    return {
        "made": {
            "by": "e2e/golden/make_ops.py",
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": sys.version.split()[0],
            "seed": SEED,
        },
        "adamw": ADAMW,
        "cases": {name: {"inputs": plain(i), "outputs": plain(o)} for name, (i, o) in cases.items()},
    }


def text(value, depth=0):
    """JSON with a line for each tensor, so that a change can be read."""
    if depth == 4 or not isinstance(value, dict):
        return json.dumps(value)
    pad = "  " * (depth + 1)
    lines = [f"{pad}{json.dumps(key)}: {text(item, depth + 1)}" for key, item in value.items()]
    return "{\n" + ",\n".join(lines) + "\n" + "  " * depth + "}"


def worst(a, b):
    if isinstance(a, dict):
        return max(worst(a[key], b[key]) for key in a) if a.keys() == b.keys() else float("inf")
    if isinstance(a, (list, tuple)):
        return max((worst(x, y) for x, y in zip(a, b)), default=0) if len(a) == len(b) else float("inf")
    return abs(a - b) / max(1, abs(b))


if __name__ == "__main__":
    made = make()
    path = HERE / "ops.json"
    if "--check" in sys.argv[1:]:
        there = json.loads(path.read_text())
        off = worst(made["cases"], there["cases"])
        print(f"{path.name}: off by at most {off:.1e}")
        sys.exit(off > 1e-12)
    path.write_text(text(made) + "\n")
    print(f"{path.name}: {len(made['cases'])} cases, {path.stat().st_size} bytes")
