// The position and size of the foreground in one mask. The mask's pixels are not kept.
import Imaging
import Metrics

public struct MaskShape: Sendable, Equatable {
    /// Number of rows and of columns in `grid`.
    public static let gridSide = 32

    /// Share of the pixels that are foreground, 0 to 1.
    public let foreground: Double
    /// Pixel counts of the connected components, largest first.
    public let lesions: [Int]
    /// Number of pixels in the mask.
    public let pixels: Int
    /// Foreground pixels in each of 4x4 equal cells, row by row. A pixel belongs to the cell that holds its centre.
    public let cells: [Int]
    /// Share of foreground in each of 32x32 cells, row by row, 0 to 1.
    public let grid: [Float]

    /// - Parameter mask: one channel, 0 is background.
    public init(_ mask: Raster) {
        pixels = mask.width * mask.height
        lesions = Self.areas(of: mask)
        foreground = pixels == 0 ? 0 : Double(lesions.reduce(0, +)) / Double(pixels)
        cells = Self.counts(mask, side: 4).inside
        let fine = Self.counts(mask, side: Self.gridSide)
        grid = zip(fine.inside, fine.all).map { $1 == 0 ? 0 : Float($0) / Float($1) }
    }

    /// The pixel counts of the connected components, largest first.
    static func areas(of mask: Raster) -> [Int] {
        MaskComponents(BinaryMask(values: mask.pixels, width: mask.width)).components.map(\.area).sorted(by: >)
    }

    /// Foreground pixels and all pixels in each of side x side cells. If the mask has fewer pixels than cells, some cells have none.
    private static func counts(_ mask: Raster, side: Int) -> (inside: [Int], all: [Int]) {
        let columns = (0..<mask.width).map { (2 * $0 + 1) * side / (2 * mask.width) }
        var inside = [Int](repeating: 0, count: side * side), all = inside
        mask.pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<mask.height {
                let first = (2 * row + 1) * side / (2 * mask.height) * side
                for column in 0..<mask.width {
                    all[first + columns[column]] += 1
                    if pixels[row * mask.width + column] != 0 { inside[first + columns[column]] += 1 }
                }
            }
        }
        return (inside, all)
    }

    /// Components below 0.02 % of the image and below 1 % of the largest one: more likely artefacts of compression or of drawing than
    /// lesions.
    public var specks: Int {
        guard let largest = lesions.first else { return 0 }
        return lesions.count { $0 * 5000 < pixels && $0 * 100 < largest }
    }
}
