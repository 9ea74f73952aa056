// Groups of images or lesions for results by size and by number: thirds of the training split, and 0, 1, 2, 3 or more lesions.

public enum SizeClass: String, Sendable, Codable, CaseIterable {
    case small, medium, large
}

/// The two limits between three classes of equal number.
public struct SizeThirds: Sendable, Hashable, Codable {
    /// The largest small size, and the largest medium one.
    public let lower: Double, upper: Double

    /// The tertiles of the sizes of a training split: values at positions (n - 1) / 3 and 2 (n - 1) / 3 of the sorted list, interpolated
    /// linearly, as `numpy.quantile` does. The sizes are areas of lesions, or foreground areas of images; the unit is theirs.
    ///
    /// Nil if there are none. Images without foreground belong to no class and should be left out.
    public init?(ofSizes sizes: [Double]) {
        guard !sizes.isEmpty else { return nil }
        // The position is divided once, so that a position that is a whole number is exact.
        let positions = Double(sizes.count - 1)
        lower = OrderStatistics.value(atPosition: positions / 3, of: sizes)
        upper = OrderStatistics.value(atPosition: 2 * positions / 3, of: sizes)
    }

    /// Limits that were computed before.
    public init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = max(lower, upper)
    }

    /// Small up to the lower limit, medium up to the upper one, both inclusive.
    public func sizeClass(of size: Double) -> SizeClass {
        size <= lower ? .small : size <= upper ? .medium : .large
    }
}

/// The number of true lesions of an image, in four groups.
public enum LesionNumber: String, Sendable, Codable, CaseIterable {
    case none = "0", one = "1", two = "2", threeOrMore = "3+"

    /// - Parameter count: the number of components; negative numbers count as 0.
    public init(_ count: Int) {
        switch count {
        case ...0: self = .none
        case 1: self = .one
        case 2: self = .two
        default: self = .threeOrMore
        }
    }
}
