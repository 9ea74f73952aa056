// Rows of equal pictures, each with a title and a text below. The layout of previews and of panels. Not for what is drawn on the pictures.

/// One picture of a grid.
public struct Tile: Sendable {
    public let picture: Raster
    public let title: String
    /// Below the title; wrapped, and cut after the grid's lines.
    public let text: String

    public init(_ picture: Raster, title: String, text: String = "") {
        self.picture = picture
        self.title = title
        self.text = text
    }
}

public enum TileGrid {
    /// Space around tiles, in pixels.
    public static let margin = 8
    private static let titleColour = RGBColour(red: 0, green: 70, blue: 160)

    /// An RGB picture on white; a row may be shorter than others.
    /// - Parameters:
    ///   - width: of each tile's picture; pictures of another size are resized.
    ///   - titleLines: lines reserved for titles; longer titles are cut.
    ///   - textLines: lines reserved for texts.
    /// - Throws: `.notEncodable` if there are no tiles.
    public static func render(
        _ rows: [[Tile]], width: Int, height: Int, titleLines: Int = 1, textLines: Int = 0
    ) throws(ImagingError) -> Raster {
        guard let columns = rows.map(\.count).max(), columns > 0 else { throw .notEncodable(reason: "there are no samples to draw") }
        let cellWidth = width + margin, cellHeight = height + 4 + TextRenderer.lineHeight * (titleLines + textLines) + margin
        var grid = Raster(width: columns * cellWidth + margin, height: rows.count * cellHeight + margin, channels: 3, filledWith: 255)
        let characters = width / TextRenderer.advance
        for (row, tiles) in rows.enumerated() {
            for (column, tile) in tiles.enumerated() {
                let left = margin + column * cellWidth, top = margin + row * cellHeight
                let picture = tile.picture.converted(toChannels: 3)
                let fits = picture.width == width && picture.height == height
                grid.paste(fits ? picture : picture.resizedBicubic(width: width, height: height), left: left, top: top)
                let title = TextRenderer.wrapped(tile.title, columns: characters, maximumLines: titleLines)
                let text = TextRenderer.wrapped(tile.text, columns: characters, maximumLines: textLines)
                TextRenderer.draw(title, on: &grid, left: left, top: top + height + 4, colour: titleColour)
                TextRenderer.draw(text, on: &grid, left: left, top: top + height + 4 + titleLines * TextRenderer.lineHeight)
            }
        }
        return grid
    }
}
