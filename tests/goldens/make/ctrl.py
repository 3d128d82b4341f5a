"""Writes ../numpy/tiny-ctrl-f32.json: logits and greedy tokens of a tiny CTRL, by the published formulas in numpy float64. See README.md.

    python3 ctrl.py folder      # a Hugging Face folder with config.json and model.safetensors
"""
import hashlib
import json
import math
import struct
import sys
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
config = json.loads((folder / "config.json").read_text())
raw = (folder / "model.safetensors").read_bytes()
(length,) = struct.unpack("<Q", raw[:8])
header = json.loads(raw[8:8 + length])
data = raw[8 + length:]
tensors = {name: np.frombuffer(data[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"]).astype(np.float64)
           for name, entry in header.items() if name != "__metadata__"}
hidden, heads, eps = config["n_embd"], config["n_head"], config["layer_norm_epsilon"]


def linear(name, x):
    return x @ tensors[name + ".weight"].T + tensors[name + ".bias"]


def norm(name, x):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred ** 2).mean(-1, keepdims=True) + eps) * tensors[name + ".weight"] + tensors[name + ".bias"]


def positions(count):
    """modeling_ctrl.py: angle_defn and positional_encoding."""
    i = np.arange(hidden)
    angles = np.arange(count)[:, None] / np.power(10000, (2 * (i // 2)) / hidden)
    return np.concatenate([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])], -1)


def attention(name, x):
    split = lambda y: y.reshape(len(x), heads, hidden // heads).transpose(1, 0, 2)
    q, k, v = (split(linear(f"{name}.{part}", x)) for part in ("Wq", "Wk", "Wv"))
    scores = q @ k.transpose(0, 2, 1) / math.sqrt(hidden // heads)
    scores += np.triu(np.full((len(x), len(x)), -1e4), 1)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    mixed = weights / weights.sum(-1, keepdims=True) @ v
    return linear(name + ".dense", mixed.transpose(1, 0, 2).reshape(len(x), hidden))


def logits(tokens):
    x = tensors["transformer.w.weight"][tokens] * math.sqrt(hidden) + positions(len(tokens))
    for layer in range(config["n_layer"]):
        at = f"transformer.h.{layer}."
        x = x + attention(at + "multi_head_attention", norm(at + "layernorm1", x))
        x = x + linear(at + "ffn.2", np.maximum(linear(at + "ffn.0", norm(at + "layernorm2", x)), 0))
    return norm("transformer.layernorm", x) @ tensors["transformer.w.weight"].T + tensors["lm_head.bias"]


prompt = [1] + [(i * 37 + 11) % 290 + 3 for i in range(1, 24)]
rows = logits(prompt)
greedy, margins, tokens = [], [], list(prompt)
row = rows[-1]
while len(greedy) < 200:
    first, second = np.sort(row)[::-1][:2]
    margins.append(first - second)
    greedy.append(int(row.argmax()))
    tokens.append(greedy[-1])
    row = logits(tokens)[-1]
golden = {"made_by": "tests/goldens/make/ctrl.py with numpy " + np.__version__, "sha256": hashlib.sha256(raw).hexdigest(), "prompt": prompt,
          "greedy": greedy, "smallest_margin": float(f"{min(margins):.4g}"),
          "logits": {str(at): [float(f"{value:.7g}") for value in rows[at]] for at in (0, 5, 23)}}
target = Path(__file__).parent.parent / "numpy/tiny-ctrl-f32.json"
target.parent.mkdir(exist_ok=True)
target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print("smallest margin", golden["smallest_margin"], "distinct tokens", len(set(greedy)))
