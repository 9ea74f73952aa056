// The descriptor of UA-VLS: citation, images, text, options, recipe and weight files.

extension UAVLS {
    static let name = "ua-vls"

    public static let descriptor = ModelDescriptor(
        name: name, title: "UA-VLS",
        citation: "Uncertainty-Aware Vision-Language Segmentation for Medical Imaging, WACV 2026",
        image: ImageSpec(size: 224, multiple: 32, normalisation: .perImage), text: TextShape(tokens: 24, width: 768), options: options,
        weights: [
            WeightNaming(whole: "checkpoints of UA-VLS, published or of this program"),
            .convNeXt,
        ],
        lastLayer: "out.", derivedEntries: [".num_batches_tracked", "_pos.pe"],
        readsText: { $0.options["text-guidance"] != "off" },
        check: { specification throws(NetworkError) in try check(specification) }, adapt: { adapt(&$0, to: $1) },
        arithmetic: { Configuration($0).arithmetic(imageSize: $1) },
        make: { UAVLS(Configuration($0), $1) })
}
