// The descriptor of Ariadne's Thread: citation, images, text, sizes, recipe, weight files, arithmetic.

extension Ariadne {
    public static let descriptor = ModelDescriptor(
        name: "ariadne", title: "Ariadne's Thread",
        citation: "Ariadne's Thread: Using Text Prompts to Improve Segmentation of Infected Areas from Chest X-ray Images, MICCAI 2023",
        image: ImageSpec(size: 224, multiple: 32, normalisation: .perImage), text: TextShape(tokens: 24, width: 768),
        options: GuidedNetwork.sizeOptions, recipe: recipe,
        weights: [
            WeightNaming(whole: "checkpoints of Ariadne's Thread, published (LanGuideMedSeg) or of this program"),
            .convNeXt,
        ],
        lastLayer: "out.", derivedEntries: [".num_batches_tracked", "_pos.pe"],
        foreignEntries: ["text_encoder.model.": "those of its text encoder: --text-encoder names the one that is used"],
        arithmetic: { Sizes($0).arithmetic(imageSize: $1) }, make: { Ariadne($0, $1) })

    /// The published recipe, with the loss that the paper names.
    private static var recipe: Recipe {
        var recipe = Recipe()
        recipe.epochs = 100
        // The cosine spans 200 epochs, of which at most 100 are trained.
        recipe.restartEpochs = 200
        recipe.loss = LossConfiguration(DiceCrossEntropyLoss.name)
        return recipe
    }

    struct Sizes {
        var encoder = ConvNeXtConfiguration()
        /// N and D of the text features [B,N,D].
        var text = TextShape(tokens: 24, width: 768)
        /// Positions that the text is mixed down to in the three decoder stages.
        var textPositions: [Int]

        init(_ specification: ModelSpecification) {
            func integers(_ name: String) -> [Int] { specification.numbers(name).map { Int($0) } }
            encoder.depths = integers("depths")
            encoder.widths = integers("widths")
            textPositions = integers("text-positions")
            if let text = specification.text { self.text = text }
        }

        /// The forward pass of one image. L positions of a stage's grid, C channels, N text tokens, T mixed text positions, D text width.
        func arithmetic(imageSize: Int) -> [ModuleArithmetic] {
            GuidedNetwork.arithmetic(encoder, imageSize: imageSize) { stage, c, l in
                let t = textPositions[stage], n = text.tokens, d = text.width
                let mixed = n * t * d + t * d * c, own = 4 * l * c * c + 2 * l * l * c
                return mixed + own + 2 * l * c * c + 2 * t * c * c + 2 * l * t * c
            }
        }
    }
}
