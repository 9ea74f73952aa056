// Holm's correction of several tests (Scandinavian Journal of Statistics 1979): the probability of even one false discovery stays below the
// level, without assumptions on how the tests depend on each other. Invariant: adjusted values have the order of the given ones.

public enum MultipleTests {
    /// Adjusted p: reject where it is below the level. Equal to statsmodels' `multipletests(method="holm")`.
    /// - Parameter values: p of each test; tests without one (nil) are not counted and remain nil.
    public static func holm(_ values: [Double?]) -> [Double?] {
        var result = values, highest = 0.0
        let known = values.indices.filter { values[$0] != nil }.sorted { (values[$0] ?? 1) < (values[$1] ?? 1) }
        for (place, index) in known.enumerated() {
            highest = max(highest, min(1, (values[index] ?? 1) * Double(known.count - place)))
            result[index] = highest
        }
        return result
    }
}
