// Ranks with ties, and Spearman's rank correlation. Invariant: equal values have equal ranks, the mean of the places that they take.

public enum RankCorrelation {
    /// Ranks from 1; equal values share the mean of their places (SciPy's `rankdata`, method "average").
    /// - Parameter values: no NaN.
    public static func ranks(_ values: [Double]) -> [Double] {
        var ranks = Array(repeating: 0.0, count: values.count)
        for group in tiedGroups(values) {
            let rank = Double(group.first + group.indices.count + group.first + 1) / 2
            for index in group.indices { ranks[index] = rank }
        }
        return ranks
    }

    /// Spearman's rho: Pearson's correlation of the ranks, -1 to 1. Nil for fewer than two values or where all of one side are equal.
    /// - Parameters: as many values on both sides, no NaN.
    public static func spearman(_ first: [Double], _ second: [Double]) -> Double? {
        precondition(first.count == second.count, "\(first.count) and \(second.count) values")
        guard first.count > 1 else { return nil }
        // Ranks have the mean (n + 1) / 2, ties or not.
        let middle = Double(first.count + 1) / 2
        let a = ranks(first).map { $0 - middle }, b = ranks(second).map { $0 - middle }
        var ab = 0.0, aa = 0.0, bb = 0.0
        for (x, y) in zip(a, b) {
            ab += x * y
            aa += x * x
            bb += y * y
        }
        return aa == 0 || bb == 0 ? nil : max(-1, min(1, ab / (aa * bb).squareRoot()))
    }

    /// The indices of equal values, by rising value, with the number of smaller values.
    static func tiedGroups(_ values: [Double]) -> [(first: Int, indices: ArraySlice<Int>)] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var groups: [(first: Int, indices: ArraySlice<Int>)] = [], start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            groups.append((start, order[start..<end]))
            start = end
        }
        return groups
    }
}
