"""Prints parameters and work of UA-VLS's variants as PyTorch knows them and as the counter `thop` counts them, beside the paper's Table 1.

For: docs/models/ua-vls.md, "Figures". Not for: tests. thop leaves out what is no module of a kind that it knows: the parameters of
nn.MultiheadAttention, of Hugging Face's layer norms, and those that a module holds itself; and products that are no module's.

Run: pip install thop && python3 Scripts/golden/printed.py
"""

import torch
from thop import profile

from reference_model import ReferenceModel, Variant, is_unused

PRINTED = "39.9 M, 17.87 G"


def main():
    images, text = torch.zeros(1, 3, 224, 224), torch.zeros(1, 24, 768)
    for variant in (Variant(), Variant(equations="paper"), Variant(layers="paper"), Variant(equations="paper", layers="paper")):
        model = ReferenceModel(variant=variant).eval()
        trained = sum(p.numel() for name, p in model.named_parameters() if not is_unused(name))
        products, counted = profile(model, inputs=(images, text), verbose=False)
        print(f"equations={variant.equations} layers={variant.layers}: {trained} trained parameters; "
              f"thop: {counted:.0f} parameters, twice {products:.0f} products = {2 * products / 1e9:.2f} G; printed: {PRINTED}")


if __name__ == "__main__":
    main()
