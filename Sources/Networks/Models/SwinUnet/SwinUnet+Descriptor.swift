// The descriptor of Swin-Unet: citation, images, options, recipe, arithmetic. Its weight files are in SwinUnet+Weights.swift.

extension SwinUnet {
    public static let descriptor = ModelDescriptor(
        name: "swinunet", title: "Swin-Unet",
        citation: "Swin-Unet: Unet-like Pure Transformer for Medical Image Segmentation, ECCV 2022 Workshops",
        image: image(window: Swin.side), text: nil,
        options: [
            ModelOption(
                "depths", .integers(count: 4, 1...64), default: "2,2,2,2",
                "blocks in each stage of the encoder, and in the decoder's stages of the same width"),
            ModelOption(
                "head-width", .integers(count: 1, 1...128), default: "32", "channels of a head; the stages have 3, 6, 12 and 24 heads"),
            ModelOption(
                "window", .integers(count: 1, Sizes.sides), default: "\(Swin.side)",
                "side of a window in pixels of a map; images are multiples of 32 times as many"),
            ModelOption(
                "drop-path", .number(0...0.99), default: "0.2",
                "probability that a sample skips the last block's branches in training; lower for earlier blocks"),
        ],
        recipe: recipe, weights: weights, lastLayer: "swin_unet.output.",
        derivedEntries: [".relative_position_index", ".attn_mask"], derived: derived,
        adaptImage: { image(window: Sizes.window(of: $1)) }, arithmetic: { arithmetic(Sizes($0), imageSize: $1) },
        make: { SwinUnet($0, $1) })

    /// The smallest map, a thirty-second of the image, consists of whole windows.
    private static func image(window: Int) -> ImageSpec {
        ImageSpec(size: 32 * window, multiple: 32 * window, normalisation: .fixed(mean: [0, 0, 0], deviation: [255, 255, 255], .rgb))
    }

    /// The authors' recipe.
    private static var recipe: Recipe {
        var recipe = Recipe()
        recipe.epochs = 150
        recipe.minimumEpochs = 150
        recipe.patience = 150
        recipe.batchSize = 24
        recipe.learningRate = 0.05
        recipe.minimumLearningRate = 0
        recipe.schedule = PolynomialSchedule.name
        recipe.optimizer = SGD.name
        recipe.momentum = 0.9
        recipe.weightDecay = 1e-4
        recipe.loss = LossConfiguration(BatchDiceCrossEntropyLoss.name)
        return recipe
    }

    /// The forward pass of one image.
    private static func arithmetic(_ sizes: Sizes, imageSize size: Int) -> [ModuleArithmetic] {
        let widths = sizes.widths, window = sizes.window * sizes.window
        /// Pixels of a stage's feature map.
        func pixels(_ stage: Int) -> Int { ((size / 4) >> stage) * ((size / 4) >> stage) }
        func blocks(_ stage: Int) -> Int {
            sizes.depths[stage] * pixels(stage) * (12 * widths[stage] * widths[stage] + 2 * window * widths[stage])
        }
        /// The linear layer to patches of twice or four times the size.
        func expanding(_ stage: Int, to width: Int) -> Int { pixels(stage) * widths[stage] * width }
        var modules = [ModuleArithmetic(["swin_unet.patch_embed"], products: pixels(0) * 48 * widths[0])]
        modules += (0..<4).map { stage in
            let merging = stage < 3 ? pixels(stage + 1) * 8 * widths[stage] * widths[stage] : 0
            return ModuleArithmetic(["swin_unet.layers.\(stage)"], products: blocks(stage) + merging)
        }
        modules.append(ModuleArithmetic(["swin_unet.norm"], products: 0))
        modules.append(ModuleArithmetic(["swin_unet.layers_up.0"], products: expanding(3, to: 2 * widths[3])))
        modules += [2, 1, 0].map { stage in
            let joining = 2 * pixels(stage) * widths[stage] * widths[stage], more = stage > 0 ? expanding(stage, to: 2 * widths[stage]) : 0
            return ModuleArithmetic(
                ["swin_unet.layers_up.\(3 - stage)", "swin_unet.concat_back_dim.\(3 - stage)"], products: joining + blocks(stage) + more)
        }
        return modules + [
            ModuleArithmetic(["swin_unet.norm_up"], products: 0),
            ModuleArithmetic(["swin_unet.up"], products: expanding(0, to: 16 * widths[0])),
            ModuleArithmetic(["swin_unet.output"], products: size * size * widths[0]),
        ]
    }
}
