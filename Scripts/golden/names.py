"""Writes Tests/NetworksTests/Golden/names.json: every entry of the published state dict in its order, with shape and kind, and the parameter counts.

Run: python3 Scripts/golden/names.py
"""

import json
import pathlib

from reference_model import ReferenceModel, kind

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    model = ReferenceModel()
    parameters = dict(model.named_parameters())
    entries = [{"name": name, "shape": list(value.shape), "kind": kind(name, model)} for name, value in model.state_dict().items()]

    def count(prefixes, kinds):
        return sum(parameters[e["name"]].numel() for e in entries if e["name"].startswith(prefixes) and e["kind"] in kinds)

    both = ("parameter", "unused")
    counts = {
        "trained": count(("",), ("parameter",)),
        "encoder": count(("encoder.model.",), both),
        "decoder16": count(("decoder16.",), both),
        "decoder8": count(("decoder8.",), both),
        "decoder4": count(("decoder4.",), both),
        "head": count(("decoder1.", "out."), both),
        "unused": count(("",), ("unused",)),
    }
    lines = ",\n".join("    " + json.dumps(entry) for entry in entries)
    text = '{\n  "counts": %s,\n  "entries": [\n%s\n  ]\n}\n' % (json.dumps(counts), lines)
    (ROOT / "Tests/NetworksTests/Golden/names.json").write_text(text)
    print(len(entries), "entries;", counts)


if __name__ == "__main__":
    main()
