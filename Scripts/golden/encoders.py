"""Writes Tests/NetworksTests/Golden/encoders.json: last hidden states of small text encoders that are not plain BERT, with formula weights, in float64.

`distilbert` has DistilBERT's names and no token types; `variant` is a BERT with another epsilon, one token type and TensorFlow's names of layer norms left
aside. Every tensor's name and shape is written too, so that the test can make the files; ids and padding as in bert.py.

Run: python3 Scripts/golden/encoders.py
"""

import pathlib

import numpy as np
import torch
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

import formula
import summary

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/NetworksTests/Golden"
TOKENS, LENGTHS = 12, [12, 5, 2]
DISTIL = dict(vocab_size=60, dim=32, n_layers=2, n_heads=4, hidden_dim=64, max_position_embeddings=16)
VARIANT = dict(
    vocab_size=60, hidden_size=32, num_hidden_layers=3, num_attention_heads=2, intermediate_size=64, max_position_embeddings=16, type_vocab_size=1,
    layer_norm_eps=1e-5)


def case(name, model, settings, extra):
    model = formula.fill(model).to(torch.float64).eval()
    ids = formula.integers("ids", (len(LENGTHS), TOKENS), settings["vocab_size"])
    attention = (np.arange(TOKENS)[None] < np.array(LENGTHS)[:, None]).astype(np.int64)
    ids = ids * attention
    with torch.no_grad():
        gold = model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(attention)).last_hidden_state
    tensors = {key: list(value.shape) for key, value in model.state_dict().items() if not key.endswith(("position_ids", "token_type_ids"))}
    return {
        "configuration": {**settings, **extra}, "tensors": tensors, "ids": ids.tolist(),
        "lastHiddenState": summary.tensor("encoder." + name, gold, 512),
    }


def main():
    summary.write(OUT / "encoders.json", {
        "about": "Scripts/golden/encoders.py, float64, PyTorch " + torch.__version__, "lengths": LENGTHS,
        "distilbert": case("distilbert", DistilBertModel(DistilBertConfig(**DISTIL)), DISTIL, {"model_type": "distilbert", "activation": "gelu"}),
        "variant": case(
            "variant", BertModel(BertConfig(**VARIANT), add_pooling_layer=False), VARIANT, {"model_type": "bert", "hidden_act": "gelu"}),
    })


if __name__ == "__main__":
    main()
