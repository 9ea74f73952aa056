// Multiplications and additions of UA-VLS, module by module, from its sizes alone.
// Shape letters: L positions of a stage's grid, C channels, N text tokens, T mixed text positions, D text width.

extension UAVLS.Configuration {
    /// The forward pass of one image.
    func arithmetic(imageSize: Int) -> [ModuleArithmetic] {
        let widths = encoder.widths
        /// Pixels of a stage's map.
        func grid(_ stage: Int) -> Int {
            let side = imageSize / (4 << stage)
            return side * side
        }
        var image = grid(0) * 48 * widths[0]
        for (stage, width) in widths.enumerated() {
            if stage > 0 { image += grid(stage) * 4 * widths[stage - 1] * width }
            image += encoder.depths[stage] * grid(stage) * (49 * width + 8 * width * width)
        }
        var modules = [ModuleArithmetic(["encoder.model"], products: image)]
        for (index, name) in ["decoder16", "decoder8", "decoder4"].enumerated() {
            let input = widths[3 - index], output = widths[2 - index], positions = grid(3 - index)
            if textGuidance {
                let text = textPositions[index]
                modules.append(
                    ModuleArithmetic(
                        [name + ".guide_layer"],
                        products: guide(channels: input, positions: positions, textPositions: text)))
            }
            modules.append(
                ModuleArithmetic(
                    [name + ".decoder"],
                    products: positions * input * 4 * output + 4 * positions * 9 * (2 * output * output + output * output)))
        }
        let head = grid(0) * 9 * widths[0]
        modules.append(
            ModuleArithmetic(
                ["decoder1", "out"], products: head * 4 * widths[0] + imageSize * imageSize * widths[0] / 4, computed: head * 16))
        return modules
    }

    /// MoDAB: text through its linear map and mixer, self attention, attention to the text.
    private func guide(channels c: Int, positions l: Int, textPositions t: Int) -> Int {
        let n = tokens, half = c / 2, rank = (c + 15) / 16, state = 16
        var text = n * textWidth * c + n * c * c + c * n * t
        if mixer == .ssmix { text += 2 * n * half * 4 + n * half * (rank + 2 * state) + n * rank * half }
        let selfAttention = 3 * l * c * c + 2 * l * l * c + l * c * c
        let cross = 2 * l * t * c + (fusion == .attention ? 2 * l * c * c + 2 * t * c * c : 0)
        return text + selfAttention + cross
    }
}
