// The distance between the centres of neighbouring pixels of an image, in millimetres. Invariant: both are positive and finite.

public struct PixelSpacing: Codable, Sendable, Equatable {
    /// From row to row.
    public let y: Double
    /// From column to column.
    public let x: Double

    /// 10 m a pixel: above any image of a body or a microscope.
    private static let largest = 10_000.0

    /// Nil for values that are no distances.
    public init?(y: Double, x: Double) {
        guard y > 0, x > 0, y <= Self.largest, x <= Self.largest else { return nil }
        (self.y, self.x) = (y, x)
    }

    /// From two numbers as text, such as "0.7" and "0.7".
    public init?(y: String, x: String) {
        guard let y = Double(y), let x = Double(x) else { return nil }
        self.init(y: y, x: x)
    }

    /// From "Y,X"; one number alone is that of both.
    public init?(_ text: String) {
        let parts = text.filter { $0 != " " }.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, let last = parts.last, parts.count <= 2 else { return nil }
        self.init(y: first, x: last)
    }

    /// - Throws: for values that are no distances.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        guard let made = PixelSpacing(y: try values.decode(Double.self, forKey: .y), x: try values.decode(Double.self, forKey: .x)) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "expected two positive numbers, in mm a pixel"))
        }
        self = made
    }
}
