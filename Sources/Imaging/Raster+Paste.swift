// Pastes one picture into another, for grids and overlays.

extension Raster {
    /// Copies `other` into this raster with its upper left corner at (left, top); what falls outside is cut off.
    /// - Precondition: equal channel counts.
    public mutating func paste(_ other: Raster, left: Int, top: Int) {
        precondition(channels == other.channels, "only rasters with equal channels can be pasted")
        let firstColumn = max(0, -left), lastColumn = min(other.width, width - left)
        guard firstColumn < lastColumn else { return }
        for row in 0..<other.height where top + row >= 0 && top + row < height {
            let source = (row * other.width + firstColumn) * channels, count = (lastColumn - firstColumn) * channels
            let target = ((top + row) * width + left + firstColumn) * channels
            pixels.replaceSubrange(target..<(target + count), with: other.pixels[source..<(source + count)])
        }
    }
}
