// Statistics that the bootstrap can resample fast: functions of sums over images. A mean, a ratio of sums (Dice over all pixels), anything
// else that needs only sums. Invariant: an image drawn twice adds its values twice.

public struct BootstrapStatistic: Sendable {
    /// Columns of addends, each with one value for each image.
    let columns: [[Double]]
    /// The statistic, from the columns' sums; nil where it has no value.
    let value: @Sendable ([Double]) -> Double?

    /// Any function of sums over images.
    /// - Parameters:
    ///   - columns: what is summed: for each sum one value for each image.
    ///   - value: the statistic from the sums, in the order of the columns.
    public init(sums columns: [[Double]], value: @escaping @Sendable ([Double]) -> Double?) {
        precondition(columns.allSatisfy { $0.count == columns[0].count }, "columns of different lengths")
        (self.columns, self.value) = (columns, value)
    }

    var images: Int { columns.first?.count ?? 0 }

    /// The mean over images, of those that have a value.
    public static func mean(_ values: [Double?]) -> BootstrapStatistic {
        BootstrapStatistic(sums: [values.map { $0 ?? 0 }, values.map { $0 == nil ? 0 : 1 }]) { $0[1] == 0 ? nil : $0[0] / $0[1] }
    }

    /// A sum over images divided by another, such as Dice over all pixels: 2 TP to 2 TP + FP + FN.
    /// - Parameter ifEmpty: the value where the divisor is 0; for Dice of empty masks 1.
    public static func ratio(of parts: [Double], to wholes: [Double], ifEmpty: Double? = nil) -> BootstrapStatistic {
        BootstrapStatistic(sums: [parts, wholes]) { $0[1] == 0 ? ifEmpty : $0[0] / $0[1] }
    }

    /// The difference of two statistics of the same images, which are resampled together.
    public static func difference(_ first: BootstrapStatistic, _ second: BootstrapStatistic) -> BootstrapStatistic {
        let split = first.columns.count
        return BootstrapStatistic(sums: first.columns + second.columns) { sums in
            guard let a = first.value(Array(sums[..<split])), let b = second.value(Array(sums[split...])) else { return nil }
            return a - b
        }
    }

    /// The mean of the differences between paired values, of the images where both are known.
    public static func meanDifference(_ values: [Double?], _ reference: [Double?]) -> BootstrapStatistic {
        mean(Self.differences(values, reference))
    }

    static func differences(_ values: [Double?], _ reference: [Double?]) -> [Double?] {
        precondition(values.count == reference.count, "\(values.count) and \(reference.count) values")
        return zip(values, reference).map { value, reference in value.flatMap { a in reference.map { a - $0 } } }
    }
}
