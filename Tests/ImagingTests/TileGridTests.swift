// The layout of rows of pictures with titles.
import Imaging
import Testing

@Suite struct TileGridTests {
    private let red = Raster(width: 2, height: 2, channels: 3, pixels: (0..<12).map { $0 % 3 == 0 ? 255 : 0 })

    @Test func rowsMayBeOfDifferentLengths() throws {
        let tile = Tile(red, title: "a"), grey = Tile(Raster(width: 20, height: 10, channels: 1, filledWith: 9), title: "b", text: "c")
        let grid = try TileGrid.render([[tile, grey], [tile]], width: 20, height: 10, titleLines: 1, textLines: 2)
        let line = TextRenderer.lineHeight, cell = 10 + 4 + 3 * line + TileGrid.margin
        #expect(grid.width == 2 * (20 + TileGrid.margin) + TileGrid.margin && grid.height == 2 * cell + TileGrid.margin)
        // A picture of another size is resized, a grey one becomes RGB, and the place of the missing one is white.
        #expect(grid[TileGrid.margin, TileGrid.margin, 0] == 255 && grid[TileGrid.margin, TileGrid.margin, 1] == 0)
        #expect((0..<3).allSatisfy { grid[TileGrid.margin + 9, 2 * TileGrid.margin + 20 + 19, $0] == 9 })
        #expect((0..<3).allSatisfy { grid[TileGrid.margin + cell + 5, 2 * TileGrid.margin + 25, $0] == 255 })
    }

    @Test func noTilesAreRefused() {
        #expect(throws: ImagingError.self) { try TileGrid.render([], width: 8, height: 8) }
        #expect(throws: ImagingError.self) { try TileGrid.render([[]], width: 8, height: 8) }
    }
}
