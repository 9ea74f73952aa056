// `prep preview`: a grid of a split's images with mask outlines and captions, as one PNG.
import CommandLineTool
import Datasets
import Files
import Imaging
import Reports
import Shards

let previewCommand = Command(
    name: "preview", summary: "Draws a grid of images with mask outlines and captions.",
    discussion: """
        Shows what training will see: the shards' own resized images and masks. The samples are spread evenly over the split; each tile has \
        its sample's id and caption below.
        """,
    arguments: [Argument("DIR", "a set's shards, such as shards/kvasir, or one split's folder in it")],
    options: [
        .value("out", "FILE", default: "grid.png", "the PNG to write"),
        .value("count", "N", default: "16", "how many samples, 1 to 400"),
        .choice("split", Split.allCases.map(\.rawValue), "the split to show: train unless DIR is a split's folder itself"),
        .value("columns", "N", "tiles in a row; by default about as many as rows"),
    ],
    examples: ["prep preview shards/kvasir --out grid.png", "prep preview shards/kvasir --split test --count 36 --out test.png"]
) { input in
    let given = try input.argument("DIR")
    let count = try input.integer("count", in: 1...400)
    let columns = try input.optionalInteger("columns", in: 1...100)
    let out = try input.string("out")
    let isSplit = FileIO.exists(given + "/" + MDSIndex.name)
    if isSplit && input.wasGiven("split") {
        throw CommandError(.usage, "\(given) is already one split's folder: leave out --split, or give the folder above it")
    }
    let split = input.optionalString("split") ?? Split.train.rawValue
    let set = try ShardSet(folder: isSplit ? given : given + "/" + split)
    let tiles = try ShardPreview.tiles(from: set, count: count)
    let grid = try PreviewGrid.render(tiles, columns: columns, tileSize: set.imageSize)
    try FileIO.writeAtomically(try PNGEncoder.encode(grid), to: out)
    input.print("\(out): \(tiles.count) of \(set.count) samples from \(set.folder), \(grid.width)x\(grid.height) pixels")
}
