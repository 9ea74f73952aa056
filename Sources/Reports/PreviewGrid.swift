// One picture of many samples: each tile has the sample's id, the image with the mask's outline, and the caption below. For viewing a
// dataset before training on it. Not for reading samples or writing the file (the caller does both).
import Imaging

/// One sample of a preview.
public struct PreviewTile: Sendable {
    public let title: String
    public let image: Raster
    /// One channel, non-zero = inside, the image's size.
    public let mask: Raster
    /// Nil in a set without captions.
    public let caption: String?

    public init(title: String, image: Raster, mask: Raster, caption: String?) {
        self.title = title
        self.image = image
        self.mask = mask
        self.caption = caption
    }
}

public enum PreviewGrid {
    /// Lines reserved for the caption below a tile.
    static let captionLines = 4

    /// An RGB picture of all tiles in rows, in the given order.
    /// - Parameters:
    ///   - columns: tiles per row; by default the number that makes the grid about square, at most 8.
    ///   - tileSize: height and width of each tile's picture; pictures of another size are resized.
    ///   - titleLines: lines reserved for titles; longer titles are cut.
    /// - Throws: `.sizesDiffer` if a mask and its image differ in size, `.notEncodable` if there are no tiles.
    public static func render(
        _ tiles: [PreviewTile], columns: Int? = nil, tileSize: Int = 224, titleLines: Int = 1
    ) throws(ImagingError) -> Raster {
        if tiles.isEmpty { throw .notEncodable(reason: "there are no samples to draw") }
        let columns = min(columns.map { max($0, 1) } ?? squareColumns(tiles.count), tiles.count)
        let captionLines = tiles.allSatisfy { $0.caption == nil } ? 0 : captionLines
        var rows: [[Tile]] = Array(repeating: [], count: (tiles.count + columns - 1) / columns)
        for (index, tile) in tiles.enumerated() {
            rows[index / columns].append(Tile(try picture(of: tile, size: tileSize), title: tile.title, text: tile.caption ?? ""))
        }
        return try TileGrid.render(rows, width: tileSize, height: tileSize, titleLines: titleLines, textLines: captionLines)
    }

    private static func squareColumns(_ count: Int) -> Int {
        var columns = 1
        while columns * columns < count && columns < 8 { columns += 1 }
        return columns
    }

    private static func picture(of tile: PreviewTile, size: Int) throws(ImagingError) -> Raster {
        let sameSize = tile.image.width == tile.mask.width && tile.image.height == tile.mask.height
        if !sameSize {
            throw .sizesDiffer(
                first: "the mask of \(tile.title)", firstWidth: tile.mask.width, firstHeight: tile.mask.height, second: "its image",
                secondWidth: tile.image.width, secondHeight: tile.image.height)
        }
        return try Overlay.outline(
            mask: tile.mask.resizedNearest(width: size, height: size), on: tile.image.resizedBicubic(width: size, height: size))
    }
}
