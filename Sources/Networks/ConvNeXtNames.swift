// The tensor names in files of a ConvNeXt alone: Hugging Face's transformers (whose names this model has), the authors' own files, timm and
// torchvision. Not for whole checkpoints of the segmentation model. Invariant: names of any depth are understood, so that a larger ConvNeXt
// is recognised and refused by its size.
import WeightFiles

struct ConvNeXtNames {
    enum Scheme: CaseIterable {
        case huggingFace, authors, timm, torchvision

        var description: String {
            switch self {
            case .huggingFace: "Hugging Face transformers"
            case .authors: "ConvNeXt's authors"
            case .timm: "timm"
            case .torchvision: "torchvision"
            }
        }
    }

    let scheme: Scheme
    let prefix: String
    let matches: Int

    /// The scheme and prefix that match the most names; nil if none matches a name.
    static func find(in names: [String]) -> ConvNeXtNames? {
        var best: ConvNeXtNames?
        for scheme in Scheme.allCases {
            let found = NamePrefix.candidates(in: names) { scheme.own($0) != nil }.first
            if let found, found.matches > best?.matches ?? 0 {
                best = ConvNeXtNames(scheme: scheme, prefix: found.prefix, matches: found.matches)
            }
        }
        return best
    }

    /// The name in this model's image encoder; nil for heads and everything else.
    func own(_ name: String) -> String? {
        name.hasPrefix(prefix) ? scheme.own(String(name.dropFirst(prefix.count))) : nil
    }

    /// - Throws: if the file's ConvNeXt has other depths or widths, or is a ConvNeXt V2.
    func checkSize(_ expected: ConvNeXtConfiguration, _ file: WeightFile) throws(NetworkError) {
        var depths = [Int](repeating: 0, count: 4), widths = depths
        for entry in file.entries {
            if entry.name.hasPrefix(prefix), entry.name.split(separator: ".").contains("grn") {
                throw .otherImageEncoder(
                    path: file.path, found: "a ConvNeXt V2 (it has \(entry.name))",
                    expected: "expected a ConvNeXt of the first version, whose blocks have no such layer")
            }
            guard let own = own(entry.name) else { continue }
            let parts = own.split(separator: ".")
            guard parts.count > 5, parts[1] == "stages", let stage = Int(parts[2]), depths.indices.contains(stage),
                let block = Int(parts[4])
            else { continue }
            if parts[3] == "layers" {
                depths[stage] = max(depths[stage], min(block, 1000) + 1)
                if own.hasSuffix("dwconv.bias"), let width = entry.shape.first { widths[stage] = width }
            }
        }
        guard depths == expected.depths, widths == expected.widths else {
            func text(_ depths: [Int], _ widths: [Int]) -> String {
                "depths \(depths.map(String.init).joined(separator: ",")) and widths \(widths.map(String.init).joined(separator: ","))"
            }
            let isTiny = expected == ConvNeXtConfiguration()
            throw .otherImageEncoder(
                path: file.path, found: "a ConvNeXt of \(text(depths, widths))",
                expected: "\(isTiny ? "Tiny, which this model is built on," : "this model's") has \(text(expected.depths, expected.widths))"
            )
        }
    }
}

extension ConvNeXtNames.Scheme {
    /// The name of the tensor in `facebook/convnext-tiny-224`; nil if the name does not belong to this scheme.
    func own(_ name: String) -> String? {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if self == .timm, let first = parts.first, let number = first.split(separator: "_").last,
            first == "stem_\(number)" || first == "stages_\(number)"
        {
            // Names of timm's feature extractor: stages_0.blocks for stages.0.blocks.
            parts.replaceSubrange(0..<1, with: [String(first.dropLast(number.count + 1)), String(number)])
        }
        switch self {
        case .huggingFace: return huggingFace(parts)
        case .authors: return authors(parts)
        case .timm: return timm(parts)
        case .torchvision: return torchvision(parts)
        }
    }

    private func huggingFace(_ p: [String]) -> String? {
        switch (p.count, p.first) {
        case (3, "embeddings") where p[1] == "patch_embeddings" || p[1] == "layernorm": return leaf(p[2], "embeddings.\(p[1])")
        case (2, "layernorm"): return leaf(p[1], "layernorm")
        case (6, "encoder") where p[1] == "stages" && p[3] == "downsampling_layer": return downsampling(p[2], p[4], p[5])
        case (6, "encoder") where p[1] == "stages" && p[3] == "layers" && p[5] == "layer_scale_parameter":
            return block(p[2], p[4], "layer_scale_parameter")
        case (7, "encoder") where p[1] == "stages" && p[3] == "layers" && ["dwconv", "layernorm", "pwconv1", "pwconv2"].contains(p[5]):
            return block(p[2], p[4], p[5]).flatMap { leaf(p[6], $0) }
        default: return nil
        }
    }

    private func authors(_ p: [String]) -> String? {
        let pieces = ["dwconv": "dwconv", "norm": "layernorm", "pwconv1": "pwconv1", "pwconv2": "pwconv2"]
        switch (p.count, p.first) {
        case (4, "downsample_layers") where p[1] == "0": return stem(p[2], p[3])
        case (4, "downsample_layers"): return downsampling(p[1], p[2], p[3])
        case (2, "norm"): return leaf(p[1], "layernorm")
        case (4, "stages") where p[3] == "gamma": return block(p[1], p[2], "layer_scale_parameter")
        case (5, "stages"): return pieces[p[3]].flatMap { block(p[1], p[2], $0) }.flatMap { leaf(p[4], $0) }
        default: return nil
        }
    }

    private func timm(_ p: [String]) -> String? {
        switch (p.count, p.first) {
        case (3, "stem"): return stem(p[1], p[2])
        case (3, "head") where p[1] == "norm": return leaf(p[2], "layernorm")
        case (5, "stages") where p[2] == "downsample": return downsampling(p[1], p[3], p[4])
        case (5, "stages") where p[2] == "blocks" && p[4] == "gamma": return block(p[1], p[3], "layer_scale_parameter")
        case (6, "stages") where p[2] == "blocks" && (p[4] == "conv_dw" || p[4] == "norm"):
            return block(p[1], p[3], p[4] == "norm" ? "layernorm" : "dwconv").flatMap { leaf(p[5], $0) }
        case (7, "stages") where p[2] == "blocks" && p[4] == "mlp" && (p[5] == "fc1" || p[5] == "fc2"):
            return block(p[1], p[3], p[5] == "fc1" ? "pwconv1" : "pwconv2").flatMap { leaf(p[6], $0) }
        default: return nil
        }
    }

    private func torchvision(_ p: [String]) -> String? {
        if p.count == 3, p[0] == "classifier", p[1] == "0" { return leaf(p[2], "layernorm") }
        guard p.count >= 4, p[0] == "features", let place = Int(p[1]), (0..<8).contains(place) else { return nil }
        if place == 0 { return p.count == 4 ? stem(p[2], p[3]) : nil }
        let stage = "\(place / 2)"
        if place % 2 == 0 { return p.count == 4 ? downsampling(stage, p[2], p[3]) : nil }
        if p.count == 4, p[3] == "layer_scale" { return block(stage, p[2], "layer_scale_parameter") }
        let pieces = ["0": "dwconv", "2": "layernorm", "3": "pwconv1", "5": "pwconv2"]
        guard p.count == 6, p[3] == "block" else { return nil }
        return pieces[p[4]].flatMap { block(stage, p[2], $0) }.flatMap { leaf(p[5], $0) }
    }

    private func leaf(_ name: String, _ path: String) -> String? { name == "weight" || name == "bias" ? path + "." + name : nil }

    private func stem(_ place: String, _ name: String) -> String? {
        ["0": "embeddings.patch_embeddings", "1": "embeddings.layernorm"][place].flatMap { leaf(name, $0) }
    }

    private func downsampling(_ stage: String, _ place: String, _ name: String) -> String? {
        guard ["1", "2", "3"].contains(stage), place == "0" || place == "1" else { return nil }
        return leaf(name, "encoder.stages.\(stage).downsampling_layer.\(place)")
    }

    private func block(_ stage: String, _ number: String, _ piece: String) -> String? {
        guard ["0", "1", "2", "3"].contains(stage), let place = Int(number), place >= 0, "\(place)" == number else { return nil }
        return "encoder.stages.\(stage).layers.\(number).\(piece)"
    }
}
