// The images that a comparison shows: those on which all runs are worst, and those on which the runs differ most. Invariant: no image is
// in both lists; the same figures give the same images.

public struct CaseSelection: Sendable, Equatable {
    /// Positions in the comparison's ids, the lowest mean Dice of the runs first.
    public let worst: [Int]
    /// The largest difference between two runs' Dice first. Images on which the runs do not differ are left out.
    public let different: [Int]
    /// Those of both lists.
    public var all: [Int] { worst + different }

    /// - Parameter count: of each list, at most.
    public init(_ comparison: Comparison, count: Int) {
        var means: [(index: Int, value: Double)] = [], spreads: [(index: Int, value: Double)] = []
        for index in comparison.ids.indices {
            let values = comparison.runs.compactMap { $0.dice[index] }
            guard let lowest = values.min(), let highest = values.max() else { continue }
            means.append((index, values.reduce(0, +) / Double(values.count)))
            if highest > lowest { spreads.append((index, highest - lowest)) }
        }
        let worst = means.sorted { ($0.value, $0.index) < ($1.value, $1.index) }.prefix(count).map(\.index)
        self.worst = worst
        different = Array(
            spreads.sorted { (-$0.value, $0.index) < (-$1.value, $1.index) }.map(\.index).filter { !worst.contains($0) }.prefix(count))
    }
}
