// The sizes and switches of UA-VLS in three forms: as the network uses them, as options of its descriptor, and as older files stored them
// before networks had names.

extension UAVLS {
    /// The source to follow where the paper's text and its released code differ.
    public enum Source: String, Sendable, CaseIterable { case released, paper }

    /// Everything that decides the network's shape. The defaults are the published network; the switches are those of the paper's Table 2.
    /// Its encoded form is that of older config.json files and checkpoints.
    public struct Configuration: Codable, Sendable, Equatable {
        public var encoder = ConvNeXtConfiguration()
        /// D and N of the text features [B, N, D].
        public var textWidth = 768
        public var tokens = 24
        /// Positions that the text is mixed down to in the three decoder stages.
        public var textPositions = [24, 12, 9]
        public var dropout: Float = 0.1
        /// Off: no text reaches the image.
        public var textGuidance = true
        public var mixer = TextMixer.ssmix
        public var fusion = TextFusion.attention
        /// Which terms are added, and how often a bias counts (eqs. 8, 12 and 17). The weights' names and shapes do not depend on it.
        public var equations = Source.released
        /// Which layers exist (eqs. 5-7, 16 and 19). The weights' names and shapes depend on it.
        public var layers = Source.released
        /// Gamma of eq. 13: the mixer works on gamma times its input channels, twice.
        public var expansion = 0.5

        private enum CodingKeys: String, CodingKey {
            case encoder, textWidth, tokens, textPositions, dropout, mixer, fusion
            case textGuidance = "useMoDAB"
        }

        public init() {}

        /// d_inner of eq. 13 for a stage with `channels` channels.
        func innerWidth(_ channels: Int) -> Int { max(1, Int((expansion * Double(channels)).rounded())) }

        /// Positions of the mixed text in a stage; the linear layer of eq. 19 keeps them all.
        func mixedPositions(_ stage: Int) -> Int { layers == .paper ? tokens : textPositions[stage] }
    }

    static let options =
        [
            ModelOption(
                "equations", .choice(Source.allCases.map(\.rawValue)), default: "released",
                "paper: eqs. 8, 12 and 17 as the paper's text prints them where the released code differs, and the loss seu-paper (eqs. "
                    + "27, "
                    + "29); names and shapes of weights stay the same", decidesMeaning: true),
            ModelOption(
                "layers", .choice(Source.allCases.map(\.rawValue)), default: "released",
                "paper: layers as eqs. 5-7, 16 and 19 print them; other weights than the released code's"),
            ModelOption("expansion", .number(0.0625...8), default: "0.5", "gamma of eq. 13, with layers=paper; the paper states none"),
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
        if let equations = specification.options["equations"].flatMap(UAVLS.Source.init) { self.equations = equations }
        if let layers = specification.options["layers"].flatMap(UAVLS.Source.init) { self.layers = layers }
        if let expansion = specification.numbers("expansion").first { self.expansion = expansion }
        if let text = specification.text { (tokens, textWidth) = (text.tokens, text.width) }
    }

    public var specification: ModelSpecification {
        func text(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ",") }
        return ModelSpecification(
            name: UAVLS.name,
            options: [
                "text-guidance": textGuidance ? "on" : "off", "mixer": mixer.rawValue, "fusion": fusion.rawValue, "dropout": "\(dropout)",
                "equations": equations.rawValue, "layers": layers.rawValue, "expansion": "\(expansion)", "depths": text(encoder.depths),
                "widths": text(encoder.widths), "text-positions": text(textPositions),
            ], text: textGuidance ? TextShape(tokens: tokens, width: textWidth) : nil)
    }
}

extension UAVLS {
    /// Refuses combinations of options that are valid one by one.
    static func check(_ specification: ModelSpecification) throws(NetworkError) {
        let values = specification.options
        func isChanged(_ name: String) -> Bool { options.contains { $0.name == name && $0.defaultValue != values[name] } }
        func refuse(_ name: String, _ expected: String) throws(NetworkError) {
            throw .badModelOption(model: UAVLS.name, option: name, value: values[name] ?? "", expected: expected)
        }
        if values["text-guidance"] == "off" {
            for name in ["layers", "expansion"] where isChanged(name) {
                try refuse(name, "no value with text-guidance=off, where it has no effect: leave one of the two out")
            }
        }
        if values["layers"] == "released", isChanged("expansion") {
            try refuse("expansion", "0.5 with layers=released, whose mixer gives back 2 gamma C channels for C; add layers=paper")
        }
        if values["layers"] == "paper", isChanged("text-positions") {
            try refuse("text-positions", "no value with layers=paper, whose mixer keeps all positions (eq. 19): leave one of the two out")
        }
    }

    /// If the loss differs too, the recipe uses the paper's (eqs. 27 and 29).
    static func adapt(_ recipe: inout Recipe, to specification: ModelSpecification) {
        if specification.options["equations"] == Source.paper.rawValue { recipe.loss = LossConfiguration(PrintedSpectralEntropicLoss.name) }
    }
}
