// What the zoo knows of UA-VLS: citation, images, text, options, recipe and the weight files that it reads.

extension UAVLS {
    static let name = "ua-vls"

    public static let descriptor = ModelDescriptor(
        name: name, title: "UA-VLS",
        citation: "Uncertainty-Aware Vision-Language Segmentation for Medical Imaging, WACV 2026",
        image: ImageSpec(size: 224, multiple: 32, normalisation: .perImage), text: TextShape(tokens: 24, width: 768), options: options,
        weights: [
            WeightNaming(whole: "checkpoints of UA-VLS, published or of this program"),
            WeightNaming(
                part:
                    "the image encoder alone: ConvNeXt-Tiny in the names of Hugging Face (facebook/convnext-tiny-224), its authors, timm "
                    + "or torchvision",
                imageEncoder),
        ],
        derivedEntries: [".num_batches_tracked", "_pos.pe"],
        readsText: { $0.options["text-guidance"] != "off" },
        arithmetic: { Configuration($0).arithmetic(imageSize: $1) },
        make: { UAVLS(Configuration($0), $1) })

    private static func imageEncoder(_ names: [String]) -> ForeignPart? {
        ConvNeXtNames.find(in: names).map { found in
            ForeignPart(
                description: "the image encoder alone, in the names of \(found.scheme.description)", prefix: found.prefix,
                matches: found.matches,
                entries: "encoder.model.", expected: "a whole ConvNeXt-Tiny", own: { found.own($0).map { ["encoder.model." + $0] } },
                check: { model, file throws(NetworkError) in
                    if let model = model as? UAVLS { try found.checkSize(model.configuration.encoder, file) }
                })
        }
    }
}
