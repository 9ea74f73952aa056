// The weight files of Swin-Unet: whole checkpoints, and files of a Swin Transformer for the encoder, which also initialise the decoder's
// stages of the same width. And the entries of published checkpoints that are not parameters.
import WeightFiles

extension SwinUnet {
    static let weights = [
        WeightNaming(whole: "checkpoints of Swin-Unet, published or of this program"),
        WeightNaming(
            part: "the encoder alone, which starts the decoder too: swin_tiny_patch4_window7_224.pth of the Swin Transformer's authors",
            swinTransformer),
    ]

    private static func swinTransformer(_ names: [String]) -> ForeignPart? {
        guard let found = NamePrefix.candidates(in: names, isKnown: isOfSwinTransformer).first else { return nil }
        // A Swin-Unet has the same names and a decoder besides; other networks have the norm's name alone.
        guard names.contains(found.prefix + "patch_embed.proj.weight"),
            !names.contains(where: { $0.hasPrefix(found.prefix + "layers_up.") })
        else { return nil }
        return ForeignPart(
            description: "the encoder alone, in the names of the Swin Transformer's authors; the decoder's blocks start from it too",
            prefix: found.prefix, matches: found.matches, entries: "swin_unet.layers.",
            expected: "a whole Swin Transformer, such as Swin-T",
            dropsOtherShapes: true,
            own: { name in
                guard name.hasPrefix(found.prefix) else { return nil }
                let bare = String(name.dropFirst(found.prefix.count))
                return isOfSwinTransformer(bare) ? ["swin_unet." + bare] + copies(bare) : nil
            },
            check: { model, file throws(NetworkError) in
                let width = (model.parameters.info("swin_unet.patch_embed.norm.weight")?.count ?? 0)
                guard let found = file.entries.first(where: { $0.name == found.prefix + "patch_embed.proj.weight" })?.shape.first,
                    found != width
                else { return }
                throw .otherImageEncoder(
                    path: file.path, found: "a Swin Transformer of width \(found)",
                    expected: "this network's encoder has width \(width)\(width == 96 ? ", that of Swin-T" : "")")
            })
    }

    /// "layers.0.blocks.1.attn.qkv.weight" and the like; not the classifier.
    private static func isOfSwinTransformer(_ name: String) -> Bool {
        let parts = name.split(separator: ".")
        switch parts.first {
        case "patch_embed": return parts.count == 3 && ["proj", "norm"].contains(parts[1])
        case "layers": return parts.count > 4 && Int(parts[1]).map((0..<4).contains) == true && ["blocks", "downsample"].contains(parts[2])
        case "norm": return parts.count == 2
        default: return false
        }
    }

    /// The decoder's entries that are initialised from an encoder's entry: those of the blocks of stage s in `layers_up.(3 - s)`.
    private static func copies(_ name: String) -> [String] {
        let parts = name.split(separator: ".", maxSplits: 2).map(String.init)
        guard parts.count == 3, let stage = Int(parts[1]), stage < 3, parts[2].hasPrefix("blocks.") else { return [] }
        return ["swin_unet.layers_up.\(3 - stage).\(parts[2])"]
    }

    /// `relative_position_index` of every block and `attn_mask` of the shifted ones, which are functions of the sizes.
    static func derived(_ specification: ModelSpecification, imageSize: Int) -> [DerivedEntry] {
        let side = Sizes.window(of: specification), places = 0..<(side * side)
        let index = places.flatMap { i in
            places.map { j in Int64((i / side - j / side + side - 1) * (2 * side - 1) + i % side - j % side + side - 1) }
        }
        func mask(_ grid: Int) -> [Float] {
            func band(_ position: Int) -> Int { (position >= grid - side ? 1 : 0) + (position >= grid - side / 2 ? 1 : 0) }
            return (0..<(grid / side * (grid / side))).flatMap { window in
                let top = window / (grid / side) * side, left = window % (grid / side) * side
                let regions = places.map { 3 * band(top + $0 / side) + band(left + $0 % side) }
                return places.flatMap { i in places.map { regions[i] == regions[$0] ? Float(0) : -100 } }
            }
        }
        var entries: [DerivedEntry] = []
        for (stage, depth) in Sizes(specification).depths.enumerated() {
            let grid = (imageSize / 4) >> stage, isShifted = grid > side
            let shiftMask = isShifted ? mask(grid) : []
            for module in ["layers.\(stage)"] + (stage < 3 ? ["layers_up.\(3 - stage)"] : []) {
                for block in 0..<depth {
                    let name = "swin_unet.\(module).blocks.\(block)."
                    entries.append(
                        DerivedEntry(name: name + "attn.relative_position_index", shape: [places.count, places.count], .integers(index)))
                    guard block % 2 == 1, isShifted else { continue }
                    entries.append(
                        DerivedEntry(
                            name: name + "attn_mask", shape: [grid / side * (grid / side), places.count, places.count], .numbers(shiftMask))
                    )
                }
            }
        }
        return entries
    }
}
