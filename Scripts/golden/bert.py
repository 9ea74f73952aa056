"""Writes Tests/NetworksTests/Golden/bert.json: last hidden states of two BERT encoders with formula weights, in float64.

`small` is a 2-layer encoder; `base` has CXR-BERT's depth and width with a small vocabulary. Ids and padding are formulas too (docs/developer/golden.md).

Run: python3 Scripts/golden/bert.py
"""

import pathlib

import numpy as np
import torch
from transformers import BertConfig, BertModel

import formula
import summary

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/NetworksTests/Golden"
TOKENS = 24
LENGTHS = [24, 10, 3]
CONFIGURATIONS = {
    "small": dict(vocab_size=100, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=256, max_position_embeddings=32),
    "base": dict(vocab_size=200, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072, max_position_embeddings=32),
}


def inputs(vocabulary: int):
    """ids [3,24] with 0 after each row's length, and the attention mask."""
    ids = formula.integers("ids", (len(LENGTHS), TOKENS), vocabulary)
    attention = (np.arange(TOKENS)[None] < np.array(LENGTHS)[:, None]).astype(np.int64)
    return ids * attention, attention


def last_hidden_state(settings, dtype):
    config = BertConfig(**settings, hidden_act="gelu", layer_norm_eps=1e-12, type_vocab_size=2)
    model = formula.fill(BertModel(config, add_pooling_layer=False)).to(dtype).eval()
    ids, attention = (torch.from_numpy(a) for a in inputs(settings["vocab_size"]))
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=attention).last_hidden_state


def main():
    content = {"about": "Scripts/golden/bert.py, float64, PyTorch " + torch.__version__, "lengths": LENGTHS}
    for name, settings in CONFIGURATIONS.items():
        gold = last_hidden_state(settings, torch.float64)
        ids, _ = inputs(settings["vocab_size"])
        content[name] = {
            "configuration": settings,
            "ids": ids.tolist(),
            "lastHiddenState": summary.tensor("bert." + name, gold, 512),
            "float32Deviation": summary.deviation(last_hidden_state(settings, torch.float32), gold),
        }
        print(name, content[name]["float32Deviation"], content[name]["lastHiddenState"]["norm"])
    summary.write(OUT / "bert.json", content)


if __name__ == "__main__":
    main()
