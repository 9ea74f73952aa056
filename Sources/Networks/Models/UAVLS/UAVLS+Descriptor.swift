// What the zoo knows of UA-VLS: citation, images, text, options, recipe and the weight files that it reads.

extension UAVLS {
    static let name = "ua-vls"

    public static let descriptor = ModelDescriptor(
        name: name, title: "UA-VLS",
        citation: "Uncertainty-Aware Vision-Language Segmentation for Medical Imaging, WACV 2026",
        image: ImageSpec(size: 224, multiple: 32, normalisation: .perImage), text: TextShape(tokens: 24, width: 768), options: options,
        weights: [
            WeightNaming(
                "facebook/convnext-tiny-224 (the image encoder alone), as ConvNextForImageClassification",
                recognises: { $0.contains("convnext.encoder.stages.0.layers.0.dwconv.weight") },
                rename: { own($0.hasPrefix("convnext.") ? "encoder.model." + $0.dropFirst("convnext.".count) : $0) }),
            WeightNaming(
                "facebook/convnext-tiny-224 (the image encoder alone), as ConvNextModel",
                recognises: { $0.contains("encoder.stages.0.layers.0.dwconv.weight") }, rename: { own($0).map { "encoder.model." + $0 } }),
            WeightNaming("checkpoints of UA-VLS, published or of this program", rename: { own($0) }),
        ],
        readsText: { $0.options["text-guidance"] != "off" },
        arithmetic: { Configuration($0).arithmetic(imageSize: $1) },
        make: { UAVLS(Configuration($0), $1) })

    /// Passes over entries of published checkpoints that follow from the rest: step counters and position tables.
    private static func own(_ name: String) -> String? { name.hasSuffix(".num_batches_tracked") || name.hasSuffix("_pos.pe") ? nil : name }
}
