// Quantiles by linear interpolation between neighbours (NumPy's default, type 7 of Hyndman and Fan): of a sorted list, and of an unsorted
// one without sorting all of it, since surface distances need one quantile of each list.

enum OrderStatistics {
    /// The value at position q (n - 1) of the sorted list; nil for an empty list.
    /// - Parameter q: 0...1; values outside are clamped.
    static func quantile(_ q: Double, of values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        return value(atPosition: min(max(q, 0), 1) * Double(values.count - 1), of: values)
    }

    /// The value at a position of the sorted list, interpolated linearly.
    /// - Parameter position: 0...n - 1.
    static func value(atPosition position: Double, of values: [Double]) -> Double {
        let lower = min(Int(position), values.count - 1)
        let weight = position - Double(lower)
        var values = values
        let below = select(lower, of: &values)
        guard weight > 0, lower + 1 < values.count else { return below }
        // Selection leaves nothing smaller behind the place, so the next value is the least of the rest.
        var above = values[lower + 1]
        for value in values[(lower + 2)...] where value < above { above = value }
        return between(below, above, weight)
    }

    /// The value at position q (n - 1).
    /// - Parameter sorted: rising, not empty.
    static func quantile(_ q: Double, ofSorted sorted: [Double]) -> Double {
        let position = min(max(q, 0), 1) * Double(sorted.count - 1), lower = min(Int(position), sorted.count - 1)
        return between(sorted[lower], sorted[min(lower + 1, sorted.count - 1)], position - Double(lower))
    }

    /// From the nearer end, so that equal ends give their value and the result never leaves them.
    private static func between(_ below: Double, _ above: Double, _ weight: Double) -> Double {
        let step = above - below
        return weight < 0.5 ? below + step * weight : above - step * (1 - weight)
    }

    /// Moves the value of the given rank to its place, smaller or equal ones before it, larger or equal ones behind it (Hoare's selection).
    /// The pivot is the median of three, so that sorted lists are no bad case.
    private static func select(_ rank: Int, of values: inout [Double]) -> Double {
        values.withUnsafeMutableBufferPointer { values in
            var low = 0, high = values.count - 1
            while low < high {
                let a = values[low], b = values[(low + high) / 2], c = values[high]
                let pivot = max(min(a, b), min(max(a, b), c))
                var left = low, right = high
                while left <= right {
                    while values[left] < pivot { left += 1 }
                    while values[right] > pivot { right -= 1 }
                    if left <= right {
                        values.swapAt(left, right)
                        left += 1
                        right -= 1
                    }
                }
                if rank <= right { high = right } else if rank >= left { low = left } else { break }
            }
            return values[rank]
        }
    }
}
