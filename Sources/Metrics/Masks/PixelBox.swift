// A rectangle of pixels: the bounding box of a mask or of a component.

public struct PixelBox: Sendable, Hashable {
    /// Both ends are those of Swift's half-open ranges: the upper one is outside.
    public var rows: Range<Int>, columns: Range<Int>

    public init(rows: Range<Int>, columns: Range<Int>) {
        self.rows = rows
        self.columns = columns
    }

    public var height: Int { rows.count }
    public var width: Int { columns.count }

    /// The smallest box that contains both.
    public func union(_ other: PixelBox) -> PixelBox {
        PixelBox(
            rows: min(rows.lowerBound, other.rows.lowerBound)..<max(rows.upperBound, other.rows.upperBound),
            columns: min(columns.lowerBound, other.columns.lowerBound)..<max(columns.upperBound, other.columns.upperBound))
    }
}
