// The sizes and switches of UA-VLS: as the network uses them, as options of its descriptor, and as files kept them before networks had
// names.

extension UAVLS {
    /// Everything that decides the network's shape. The defaults are the published network; the switches are those of the paper's Table 2.
    /// Its encoded form is that of older config.json files and checkpoints.
    public struct Configuration: Codable, Sendable, Equatable {
        public var encoder = ConvNeXtConfiguration()
        /// D and N of the text features [B, N, D].
        public var textWidth = 768
        public var tokens = 24
        /// Positions the text is mixed down to in the three decoder stages.
        public var textPositions = [24, 12, 9]
        public var dropout: Float = 0.1
        /// Off: no text reaches the image.
        public var textGuidance = true
        public var mixer = TextMixer.ssmix
        public var fusion = TextFusion.attention

        private enum CodingKeys: String, CodingKey {
            case encoder, textWidth, tokens, textPositions, dropout, mixer, fusion
            case textGuidance = "useMoDAB"
        }

        public init() {}
    }

    static let options =
        [
            ModelOption("text-guidance", .choice(["on", "off"]), default: "on", "off: no text reaches the image (Table 2, without MoDAB)"),
            ModelOption(
                "mixer", .choice(TextMixer.allCases.map(\.rawValue)), default: "ssmix", "linear: a linear layer in place of SSMix (Table 2)"
            ),
            ModelOption(
                "fusion", .choice(TextFusion.allCases.map(\.rawValue)), default: "attention",
                "addition: the mean of the text is added in place of cross-attention (Table 2)"),
            ModelOption("dropout", .number(0...0.99), default: "0.1", "probability in the self-attention of the decoder"),
        ] + GuidedNetwork.sizeOptions
}

extension UAVLS.Configuration {
    /// - Parameter specification: checked by the descriptor.
    init(_ specification: ModelSpecification) {
        func integers(_ name: String) -> [Int] { specification.numbers(name).map { Int($0) } }
        encoder.depths = integers("depths")
        encoder.widths = integers("widths")
        textPositions = integers("text-positions")
        if let dropout = specification.numbers("dropout").first { self.dropout = Float(dropout) }
        textGuidance = specification.options["text-guidance"] == "on"
        if let mixer = specification.options["mixer"].flatMap(TextMixer.init) { self.mixer = mixer }
        if let fusion = specification.options["fusion"].flatMap(TextFusion.init) { self.fusion = fusion }
        if let text = specification.text { (tokens, textWidth) = (text.tokens, text.width) }
    }

    public var specification: ModelSpecification {
        func text(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ",") }
        return ModelSpecification(
            name: UAVLS.name,
            options: [
                "text-guidance": textGuidance ? "on" : "off", "mixer": mixer.rawValue, "fusion": fusion.rawValue, "dropout": "\(dropout)",
                "depths": text(encoder.depths), "widths": text(encoder.widths), "text-positions": text(textPositions),
            ], text: textGuidance ? TextShape(tokens: tokens, width: textWidth) : nil)
    }
}
