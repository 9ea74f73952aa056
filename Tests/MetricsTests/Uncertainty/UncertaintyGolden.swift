// What Scripts/golden/uncertainty.py writes.

struct UncertaintyGolden: Codable {
    struct Spread: Codable {
        let predictions: [[Float]]
        let mean: [Double], entropy: [Double], expectedEntropy: [Double], mutualInformation: [Double], variance: [Double]
    }
    struct Detection: Codable {
        let images: Int, firstImage: Int
        let errorRate: Double, areaUnderROC: Double, averagePrecision: Double
    }
    struct Ties: Codable {
        let values: [Float], positives: [UInt8]
        let areaUnderROC: Double, averagePrecision: Double
    }
    struct Correlation: Codable {
        let first: [Double], second: [Double], ranks: [Double]
        let spearman: Double?
    }
    struct Coverage: Codable {
        let uncertainties: [Double], dice: [Double], risks: [Double]
        let areaUnderCurve: Double, idealAreaUnderCurve: Double, trapezoid: Double
        let torchUncertainty: Double?
        let rest10: Double, rest50: Double
    }

    let spread: Spread
    let detection: Detection
    let ties: [Ties], correlations: [Correlation], coverage: [Coverage]

    static func read() throws -> UncertaintyGolden { try StatisticsGolden.read("uncertainty", as: UncertaintyGolden.self) }
}
