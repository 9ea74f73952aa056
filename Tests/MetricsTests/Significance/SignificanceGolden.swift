// What Scripts/golden/significance.py writes.

struct SignificanceGolden: Codable {
    struct Bootstrapped: Codable {
        let name: String
        let seed: UInt64
        let resamples: Int
        let level: Double
        let groups: [Int]?
        let draws: [Int]
        let dice: [Double], other: [Double], parts: [Double], wholes: [Double]
        /// Value, low, high.
        let mean: [Double], ratio: [Double], knownMean: [Double], difference: [Double]
        let differenceP: Double
    }
    struct SignedRanks: Codable {
        let name: String
        let differences: [Double]
        let statistic: Double, positiveRanks: Double
        /// By alternative; "Corrected": the normal approximation with continuity correction.
        let p: [String: Double]
    }
    struct Correction: Codable {
        let values: [Double], holm: [Double]
    }
    struct Spread: Codable {
        let values: [Double]
        let mean: Double, deviation: Double
    }

    let bootstraps: [Bootstrapped], signedRanks: [SignedRanks], corrections: [Correction]
    let spread: Spread

    static func read() throws -> SignificanceGolden { try StatisticsGolden.read("significance", as: SignificanceGolden.self) }
}
