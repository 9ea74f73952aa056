// Multiplications and additions of UA-VLS, module by module, computed from its sizes.
// Shape letters: L positions of a stage's grid, C channels, N text tokens, T mixed text positions, D text width.

extension UAVLS.Configuration {
    /// The forward pass of one image.
    func arithmetic(imageSize: Int) -> [ModuleArithmetic] {
        GuidedNetwork.arithmetic(encoder, imageSize: imageSize) { stage, channels, positions in
            textGuidance ? guide(channels: channels, positions: positions, textPositions: mixedPositions(stage)) : nil
        }
    }

    /// MoDAB: the text's linear layer and mixer, self-attention, cross-attention to the text.
    private func guide(channels c: Int, positions l: Int, textPositions t: Int) -> Int {
        let n = tokens, inner = innerWidth(c), rank = (c + 15) / 16, state = 16
        var text = n * textWidth * c + 2 * n * c * inner
        switch layers {
        case .released:
            text += 2 * inner * n * t
            if mixer == .ssmix { text += n * inner * (rank + 2 * state) + n * rank * inner }
        case .paper:
            text += 2 * n * inner * c
            if mixer == .ssmix { text += n * inner * (inner + 2 * state) }
        }
        if mixer == .ssmix { text += 2 * n * inner * 4 }
        let selfAttention = 3 * l * c * c + 2 * l * l * c + l * c * c
        let cross = 2 * l * t * c + (fusion == .attention ? 2 * l * c * c + 2 * t * c * c : 0)
        return text + selfAttention + cross
    }
}
