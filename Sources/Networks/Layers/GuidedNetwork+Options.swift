// The sizes of a guided network as options of its descriptor, and the weight files of its image encoder alone.

extension GuidedNetwork {
    static let sizeOptions = [
        ModelOption("depths", .integers(count: 4, 1...64), default: "3,3,9,3", "blocks in each stage of the image encoder"),
        // The decoder's attention has four heads, and its head folds sixteen channels into one.
        ModelOption(
            "widths", .integers(count: 4, 4...4096, multiplesOf: 4), default: "96,192,384,768",
            "channels of each stage of the image encoder"),
        ModelOption(
            "text-positions", .integers(count: 3, 1...512), default: "24,12,9",
            "positions the text is mixed down to in each "
                + "decoder stage"),
    ]
}

/// A network whose image encoder is a ConvNeXt under `encoder.model.`.
protocol HasConvNeXt {
    var imageEncoder: ConvNeXtConfiguration { get }
}

extension WeightNaming {
    /// For networks that are `HasConvNeXt`.
    static let convNeXt = WeightNaming(
        part:
            "the image encoder alone: ConvNeXt-Tiny in the names of Hugging Face (facebook/convnext-tiny-224), its authors, timm "
            + "or torchvision"
    ) { names in
        ConvNeXtNames.find(in: names).flatMap { found in
            // A norm or a head alone has such names in many networks; a block is a ConvNeXt's own.
            guard names.contains(where: { found.own($0)?.hasSuffix("dwconv.weight") == true }) else { return nil }
            return ForeignPart(
                description: "the image encoder alone, in the names of \(found.scheme.description)", prefix: found.prefix,
                matches: found.matches, entries: "encoder.model.", expected: "a whole ConvNeXt-Tiny",
                own: { found.own($0).map { ["encoder.model." + $0] } },
                check: { model, file throws(NetworkError) in
                    if let model = model as? any HasConvNeXt { try found.checkSize(model.imageEncoder, file) }
                })
        }
    }
}
