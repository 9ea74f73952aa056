// The supported encoders: BERT and DistilBERT, which is BERT with fewer layers, without token types, and with other names.
// Not for the other settings of config.json (TextEncoderSettings).

enum TextEncoderFamily: Sendable {
    case bert, distilBERT

    /// The entry of `TextEncoder` for a tensor's name without its prefix; the name itself if it needs no change.
    func own(_ name: String) -> String {
        switch self {
        case .bert:
            // TensorFlow's names for layer norms, which old files still have.
            if name.hasSuffix("LayerNorm.gamma") { return name.dropLast("gamma".count) + "weight" }
            if name.hasSuffix("LayerNorm.beta") { return name.dropLast("beta".count) + "bias" }
            return name
        case .distilBERT:
            let parts = name.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, parts[0] == "transformer", parts[1] == "layer", let dot = parts[3].lastIndex(of: ".") else {
                return name
            }
            guard let piece = Self.pieces[String(parts[3][..<dot])] else { return name }
            return "encoder.layer.\(parts[2]).\(piece)\(parts[3][dot...])"
        }
    }

    private static let pieces = [
        "attention.q_lin": "attention.self.query", "attention.k_lin": "attention.self.key", "attention.v_lin": "attention.self.value",
        "attention.out_lin": "attention.output.dense", "sa_layer_norm": "attention.output.LayerNorm", "ffn.lin1": "intermediate.dense",
        "ffn.lin2": "output.dense", "output_layer_norm": "output.LayerNorm",
    ]

    /// Whether a name without an entry in the encoder belongs to the encoder itself, not to a head.
    func isInside(_ name: String) -> Bool {
        let parts = self == .bert ? ["embeddings.", "encoder."] : ["embeddings.", "transformer."]
        return parts.contains(where: name.hasPrefix) && !name.hasSuffix("position_ids") && !name.hasSuffix("token_type_ids")
    }

    /// The number of a layer that a name belongs to.
    func layer(_ name: String) -> Int? {
        let parts = name.split(separator: ".")
        guard parts.count > 2, parts[1] == "layer" else { return nil }
        return Int(parts[2])
    }
}
