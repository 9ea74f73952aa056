// The preview grid: its size, where tiles and captions lie, and its errors.
import Imaging
import Reports
import Testing

@Suite struct PreviewGridTests {
    private func tile(_ title: String, value: UInt8, caption: String = "one polyp, located in the centre of the image") -> PreviewTile {
        var mask = Raster(width: 60, height: 40, channels: 1)
        for row in 10..<30 { for column in 15..<45 { mask[row, column] = 1 } }
        return PreviewTile(title: title, image: Raster(width: 60, height: 40, channels: 1, filledWith: value), mask: mask, caption: caption)
    }

    @Test func tilesStandInRowsWithTextBelow() throws {
        let grid = try PreviewGrid.render([tile("a", value: 10), tile("b", value: 90), tile("c", value: 170)], tileSize: 64)
        #expect(grid.channels == 3)
        #expect(grid.width == 2 * (64 + 8) + 8)
        #expect(grid.height == 2 * (64 + 4 + 50 + 8) + 8)
        // Tile corners, in reading order; the fourth place stays white.
        #expect(grid[9, 9] == 10)
        #expect(grid[9, 9 + 72] == 90)
        #expect(grid[9 + 126, 9] == 170)
        #expect(grid[9 + 126, 9 + 72] == 255)
        // The outline in its colour, on the mask's left border (column 15 of 60, row 20 of 40).
        #expect([grid[8 + 32, 8 + 16, 0], grid[8 + 32, 8 + 16, 1], grid[8 + 32, 8 + 16, 2]] == [64, 255, 64])
        let belowFirstTile = (8 + 64 + 4)..<(8 + 64 + 4 + 50)
        let inked = belowFirstTile.filter { row in (8..<72).contains { grid[row, $0] < 128 } }
        #expect(inked.count > 20)
    }

    @Test func aTileCountFixesTheColumns() throws {
        let tiles = (0..<5).map { tile("\($0)", value: 50, caption: "") }
        #expect(try PreviewGrid.render(tiles, columns: 5, tileSize: 16).width == 5 * 24 + 8)
        #expect(try PreviewGrid.render(tiles, columns: 9, tileSize: 16).width == 5 * 24 + 8)
        #expect(try PreviewGrid.render(tiles, columns: 1, tileSize: 16).width == 24 + 8)
    }

    @Test func noTilesAndMismatchedMasksAreErrors() {
        #expect(throws: ImagingError.notEncodable(reason: "there are no samples to draw")) { try PreviewGrid.render([]) }
        let odd = PreviewTile(
            title: "odd", image: Raster(width: 5, height: 5, channels: 3), mask: Raster(width: 4, height: 5, channels: 1), caption: "")
        #expect(throws: ImagingError.self) { try PreviewGrid.render([odd]) }
    }
}
