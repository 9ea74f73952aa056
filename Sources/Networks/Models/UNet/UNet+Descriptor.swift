// The descriptor of U-Net: citation, images, recipe, weight files, arithmetic.

extension UNet {
    public static let descriptor = ModelDescriptor(
        name: "unet", title: "U-Net",
        citation: "U-Net: Convolutional Networks for Biomedical Image Segmentation, MICCAI 2015; this form is LViT's (IEEE TMI 2023)",
        image: ImageSpec(size: 224, multiple: 16, normalisation: .fixed(mean: [0, 0, 0], deviation: [255, 255, 255], .bgr)), text: nil,
        options: [
            ModelOption(
                "width", .integers(count: 1, 1...1024), default: "64",
                "channels of the feature map at full size; the deeper maps have 2, 4, 8 and 8 times as many")
        ],
        recipe: recipe, weights: [WeightNaming(whole: "checkpoints of U-Net, published (LViT, UCTransNet) or of this program")],
        lastLayer: "outc.",
        arithmetic: { arithmetic(widths($0), imageSize: $1) }, make: { UNet($0, $1) })

    /// LViT's recipe.
    private static var recipe: Recipe {
        var recipe = Recipe()
        recipe.epochs = 2000
        recipe.minimumEpochs = 1
        recipe.patience = 50
        recipe.batchSize = 2
        recipe.learningRate = 3e-4
        recipe.minimumLearningRate = 1e-4
        recipe.restartEpochs = 10
        recipe.weightDecay = 0
        recipe.loss = LossConfiguration(BalancedDiceCrossEntropyLoss.name)
        return recipe
    }

    /// The forward pass of one image.
    private static func arithmetic(_ widths: [Int], imageSize size: Int) -> [ModuleArithmetic] {
        /// Pixels after `steps` steps down.
        func grid(_ level: Int) -> Int { (size >> level) * (size >> level) }
        func pair(_ level: Int, _ input: Int, _ output: Int) -> Int { grid(level) * 9 * (input * output + output * output) }
        var modules = [ModuleArithmetic(["inc"], products: grid(0) * 27 * widths[0])]
        modules += (1...4).map { ModuleArithmetic(["down\($0)"], products: pair($0, widths[$0 - 1], widths[$0])) }
        modules += ups(widths).map { up in
            ModuleArithmetic(
                ["up\(up.level)"], products: grid(up.level) * 4 * up.input * up.input + pair(up.level - 1, 2 * up.input, up.output))
        }
        return modules + [ModuleArithmetic(["outc"], products: grid(0) * widths[0])]
    }
}
