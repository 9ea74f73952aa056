// The distance between neighbouring pixels: it decides whether distances are in pixels or in millimetres.

public struct Spacing: Sendable, Hashable, Codable {
    /// The distance between the centres of neighbouring rows, and of neighbouring columns. Both are positive and finite.
    public let row: Double, column: Double

    /// Distances in pixels.
    public static let pixels = Spacing()

    /// The unit of distances is the unit of these two numbers.
    /// - Throws: `MaskError.spacing` if one is not positive and finite.
    public init(row: Double, column: Double) throws(MaskError) {
        guard row > 0, column > 0, row.isFinite, column.isFinite else { throw .spacing(row: row, column: column) }
        self.row = row
        self.column = column
    }

    private init() {
        row = 1
        column = 1
    }

    /// - Throws: `DecodingError` if one number is not positive and finite.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(row: fields.decode(Double.self, forKey: .row), column: fields.decode(Double.self, forKey: .column))
    }

    /// The area of a pixel: 1 in pixels, else in square units.
    public var pixelArea: Double { row * column }

    /// The greatest distance between two pixel centres of an image: an upper bound of all surface distances, and the penalty that some
    /// challenges give an image whose distance is undefined.
    public func diagonal(width: Int, height: Int) -> Double {
        let rows = row * Double(max(height - 1, 0)), columns = column * Double(max(width - 1, 0))
        return (rows * rows + columns * columns).squareRoot()
    }
}
