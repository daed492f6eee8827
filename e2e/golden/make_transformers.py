#!/usr/bin/env python3
"""Makes transformers.json: logits, loss and gradients of tiny transformers, computed by PyTorch in float64.

    python3 e2e/golden/make_transformers.py

Weights follow a rule, so they need not be stored: one counter k runs over all entries of all parameters in the order in
which the model lists them; an entry is 0.5 sin k, a norm's gain 1 + 0.1 sin k. Of each gradient two numbers are kept: the
sum of its entries, and the sum of entry i (counted from 1, row-major) times sin i.
"""
import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
D, H, K, L = 8, 2, 2, 2
T, V, B = 5, 6, 2
IGNORED = -100


def norm_specs(path):
    return [(f"{path}.weight", [D]), (f"{path}.bias", [D])]


def blocks():
    out = []
    for i in range(L):
        at = f"blocks.{i}"
        out += norm_specs(f"{at}.ln1")
        out += [(f"{at}.attn.qkv.weight", [3, H, D // H, D]), (f"{at}.attn.qkv.bias", [3, H, D // H])]
        out += [(f"{at}.attn.out.weight", [D, D]), (f"{at}.attn.out.bias", [D])]
        out += norm_specs(f"{at}.ln2")
        out += [(f"{at}.mlp.fc.weight", [K * D, D]), (f"{at}.mlp.fc.bias", [K * D])]
        out += [(f"{at}.mlp.proj.weight", [D, K * D]), (f"{at}.mlp.proj.bias", [D])]
    return out


def filled(specs):
    k, out = 0, {}
    for path, shape in specs:
        n = math.prod(shape)
        sines = torch.sin(torch.arange(k + 1, k + n + 1, dtype=torch.float64)).reshape(shape)
        gain = path.endswith("weight") and path.split(".")[-2].startswith("ln")
        out[path] = (1 + 0.1 * sines if gain else 0.5 * sines).requires_grad_()
        k += n
    return out


def norm(p, path, x):
    return F.layer_norm(x, [D], p[f"{path}.weight"], p[f"{path}.bias"], 1e-5)


def attend(p, at, x, causal):
    batch, time, _ = x.shape
    qkv = F.linear(x, p[f"{at}.qkv.weight"].reshape(3 * D, D), p[f"{at}.qkv.bias"].reshape(3 * D))
    q, k, v = (y.view(batch, time, H, D // H).transpose(1, 2) for y in qkv.split(D, -1))
    # Written out: older PyTorch has no function for it.
    scores = q @ k.transpose(-2, -1) / math.sqrt(D // H)
    if causal:
        scores = scores.masked_fill(torch.ones(time, time).triu(1).bool(), -torch.inf)
    a = scores.softmax(-1) @ v
    return F.linear(a.transpose(1, 2).reshape(batch, time, D), p[f"{at}.out.weight"], p[f"{at}.out.bias"])


def make(p, at, x):
    h = F.gelu(F.linear(x, p[f"{at}.fc.weight"], p[f"{at}.fc.bias"]), approximate="tanh")
    return F.linear(h, p[f"{at}.proj.weight"], p[f"{at}.proj.bias"])


def trunk(p, x, causal, post):
    for i in range(L):
        at = f"blocks.{i}"
        if post:
            x = norm(p, f"{at}.ln1", x + attend(p, f"{at}.attn", x, causal))
            x = norm(p, f"{at}.ln2", x + make(p, f"{at}.mlp", x))
        else:
            x = x + attend(p, f"{at}.attn", norm(p, f"{at}.ln1", x), causal)
            x = x + make(p, f"{at}.mlp", norm(p, f"{at}.ln2", x))
    return norm(p, "ln_f", x)


def characters(special, causal, tied, bias, post):
    specs = [("wte.weight", [V + special, D]), ("wpe.weight", [T, D])]
    specs += norm_specs("ln_e") if post else []
    specs += blocks() + norm_specs("ln_f")
    specs += [] if tied else [("lm_head.weight", [V, D])]
    specs += [("lm_head.bias", [V])] if bias else []
    ids = torch.tensor([[V, 0, V + special - 1, 3, 5], [V, 2, 2, 1, 4]])
    targets = torch.tensor([[1, 2, 3, IGNORED, 0], [IGNORED, 4, 1, 5, 2]])
    p = filled(specs)
    x = p["wte.weight"][ids] + p["wpe.weight"]
    x = trunk(p, norm(p, "ln_e", x) if post else x, causal, post)
    logits = F.linear(x, p["wte.weight"][:V] if tied else p["lm_head.weight"], p["lm_head.bias"] if bias else None)
    return p, logits.reshape(-1, V), {"ids": ids.tolist(), "targets": targets.flatten().tolist()}


def vit():
    side, patch, classes = 8, 4, 3
    count = (side // patch) ** 2
    specs = [("patch.weight", [D, patch**2]), ("patch.bias", [D]), ("cls", [D]), ("wpe.weight", [count + 1, D])]
    specs += blocks() + norm_specs("ln_f") + [("head.weight", [classes, D]), ("head.bias", [classes])]
    p = filled(specs)
    images = torch.cos(torch.arange(B * side**2, dtype=torch.float64)).reshape(B, 1, side, side)
    # PyTorch's own convolution of stride P is the projection of patches.
    rows = F.conv2d(images, p["patch.weight"].reshape(D, 1, patch, patch), p["patch.bias"], stride=patch)
    x = torch.cat([p["cls"].expand(B, 1, D), rows.flatten(2).transpose(1, 2)], 1) + p["wpe.weight"]
    logits = F.linear(trunk(p, x, False, False)[:, 0], p["head.weight"], p["head.bias"])
    return p, logits, {"images": images.flatten().tolist(), "targets": [2, 0]}


def case(made):
    p, logits, given = made
    targets = torch.tensor(given["targets"])
    loss = F.cross_entropy(logits, targets, ignore_index=IGNORED)
    loss.backward()
    probes = {}
    for path, x in p.items():
        g = x.grad.flatten()
        probes[path] = [float(g.sum()), float((g * torch.sin(torch.arange(1, len(g) + 1, dtype=torch.float64))).sum())]
    given.pop("images", None)
    return {**given, "logits": logits.flatten().tolist(), "loss": loss.item(), "gradients": probes}


cases = {
    "gpt, tied": case(characters(1, True, True, False, False)),
    "bert, pre-LN, tied": case(characters(2, False, True, True, False)),
    "bert, post-LN, untied": case(characters(2, False, False, True, True)),
    "vit": case(vit()),
}
made = {"by": "e2e/golden/make_transformers.py", "torch": torch.__version__, "python": sys.version.split()[0]}
lines = [f'  "made": {json.dumps(made)}'] + [f"  {json.dumps(name)}: {json.dumps(c)}" for name, c in cases.items()]
(Path(__file__).parent / "transformers.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
