// Pixels of two classes in order of a value, where equal values form one group: area under the ROC curve, average precision. Either exact,
// from all values, or from a fine histogram. Invariant: the result does not depend on the order of equal values.

/// Pixels with one value.
struct TiedGroup: Sendable {
    var count = 0, positives = 0
    /// The sum of the values: count times the value, or, in a histogram, times the mean of the values in the bin.
    var sum = 0.0

    mutating func merge(_ other: TiedGroup) {
        count += other.count
        positives += other.positives
        sum += other.sum
    }
}

public struct Ranking: Sendable {
    /// By rising value; none is empty.
    let groups: [TiedGroup]
    public let count: Int, positives: Int

    init(ascending groups: [TiedGroup]) {
        self.groups = groups
        count = groups.reduce(0) { $0 + $1.count }
        positives = groups.reduce(0) { $0 + $1.positives }
    }

    /// The exact ranking of values that fit into memory.
    /// - Parameters:
    ///   - values: finite.
    ///   - positives: not 0 for the positive class; as many as values.
    public init(values: [Float], positives: [UInt8]) {
        precondition(values.count == positives.count, "\(values.count) values, \(positives.count) classes")
        var groups: [TiedGroup] = [], last = Float.nan
        for index in values.indices.sorted(by: { values[$0] < values[$1] }) {
            if values[index] != last { groups.append(TiedGroup()) }
            last = values[index]
            groups[groups.count - 1].merge(TiedGroup(count: 1, positives: positives[index] != 0 ? 1 : 0, sum: Double(last)))
        }
        self.init(ascending: groups)
    }

    /// The probability that a positive has a higher value than a negative; equal values count one half (Mann-Whitney). Nil unless both
    /// classes are there.
    public var areaUnderROC: Double? {
        let negatives = count - positives
        guard positives > 0, negatives > 0 else { return nil }
        var below = 0.0, won = 0.0
        for group in groups {
            let here = Double(group.count - group.positives)
            won += Double(group.positives) * (below + here / 2)
            below += here
        }
        return won / (Double(positives) * Double(negatives))
    }

    /// The sum over falling values of precision times the rise in recall, as scikit-learn's `average_precision_score`. Nil without
    /// positives.
    public var averagePrecision: Double? {
        guard positives > 0 else { return nil }
        var found = 0, taken = 0, sum = 0.0
        for group in groups.reversed() {
            found += group.positives
            taken += group.count
            sum += Double(group.positives) * Double(found) / Double(taken)
        }
        return sum / Double(positives)
    }
}
