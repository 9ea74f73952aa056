// `prep preview`: a grid of a split's images with mask outlines and captions, as one PNG.
import CommandLineTool
import Datasets
import Files
import Foundation
import Imaging
import Reports
import Shards
import Text

let previewCommand = Command(
    name: "preview", summary: "Draws a grid of images with mask outlines and captions.",
    discussion: """
        Shows what training will see: the shards' own resized images and masks. The samples are spread evenly over the split; each tile \
        has its sample's id and caption below. With --augment they are shown as in one epoch of `train --augment`, with their rewritten \
        captions and what was done to each.
        """,
    arguments: [Argument("DIR", "a set's shards, such as shards/kvasir, or one split's folder in it")],
    options: [
        .value("out", "FILE", default: "grid.png", "the image to write, PNG or JPEG by its extension"),
        .value("count", "N", default: "16", "how many samples, 1 to 400"),
        .choice("split", Split.allCases.map(\.rawValue), "the split to show: train unless DIR is a split's folder itself"),
        .value("columns", "N", "tiles in a row; by default about as many as rows"),
        .choice("augment", Augmentation.allCases.map(\.rawValue), default: "none", "show samples augmented, as in training"),
        .value("seed", "N", default: "0", "with --augment: the training run's seed").counting(.valueNot("augment", ["none"])),
        .value("epoch", "N", default: "1", "with --augment: which epoch, from 1").counting(.valueNot("augment", ["none"])),
        OutputPlan.option,
    ],
    examples: [
        "prep preview shards/kvasir --out grid.png", "prep preview shards/kvasir --split test --count 36 --out test.png",
        "prep preview shards/kvasir --augment full --count 16 --out augmented.png",
    ]
) { input in
    let given = try input.argument("DIR")
    let count = try input.integer("count", in: 1...400)
    let columns = try input.optionalInteger("columns", in: 1...100)
    let out = try input.string("out")
    let isJPEG = ["jpg", "jpeg"].contains((out as NSString).pathExtension.lowercased())
    guard isJPEG || (out as NSString).pathExtension.lowercased() == "png" || FileIO.exists(out) && !FileIO.isFile(out) else {
        throw CommandError(
            .usage, "--out \(out): expected a name that ends in .png or .jpg, such as \((out as NSString).deletingPathExtension).png")
    }
    var plan = OutputPlan(input)
    plan.readsFolder(given, as: "DIR", keepsOutputsOut: true)
    plan.writes(out, as: "--out", OutputKind("picture that prep wrote", isOwn: PictureMark.isOn))
    try plan.check()
    let isSplit = FileIO.exists(given + "/" + MDSIndex.name)
    if isSplit && input.wasGiven("split") {
        throw CommandError(.usage, "\(given) is already one split's folder: leave out --split, or give the folder above it")
    }
    let split = input.optionalString("split") ?? Split.train.rawValue
    let set = try ShardSet(folder: isSplit ? given : given + "/" + split)
    let epoch = try epoch(input, of: set)
    let tiles = try ShardPreview.tiles(from: set, count: count, epoch: epoch)
    // The list of augmentations does not fit on one line with the id.
    let grid = try PreviewGrid.render(tiles, columns: columns, tileSize: set.imageSize, titleLines: epoch == nil ? 1 : 3)
    try FileIO.writeAtomically(
        PictureMark.marked(isJPEG ? try JPEGEncoder.encode(grid, quality: 90) : try PNGEncoder.encode(grid)), to: out)
    input.print("\(out): \(tiles.count) of \(set.count) samples from \(set.folder), \(grid.width)x\(grid.height) pixels")
}

/// The epoch to show; nil for the stored samples.
private func epoch(_ input: CommandInput, of set: ShardSet) throws -> ShardPreview.Epoch? {
    let augmentation = try input.choice("augment", as: Augmentation.self)
    let seed = try input.seed("seed"), number = try input.integer("epoch", in: 1...1_000_000) - 1
    if augmentation == .none { return nil }
    guard augmentation == .full else { return ShardPreview.Epoch(augmentation, captions: nil, seed: seed, number: number) }
    let beside = FileIO.parent(of: FileIO.absolute(set.folder)) + "/" + Sharding.vocabularyName
    let vocabulary = set.storesTokens ? try Vocabulary(contentsOf: beside) : nil
    let captions = set.hasCaptions ? try MirroredCaptions(of: set, vocabulary: vocabulary) : nil
    return ShardPreview.Epoch(augmentation, captions: captions, seed: seed, number: number)
}
