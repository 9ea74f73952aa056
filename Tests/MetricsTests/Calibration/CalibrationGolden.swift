// What Scripts/golden/calibration.py writes.

struct CalibrationGolden: Codable {
    struct Errors: Codable {
        let torchmetricsECE: Double, torchmetricsMCE: Double, torchmetricsClassECE: Double, torchmetricsClassMCE: Double
        let numpyClassECE: Double, numpyClassMCE: Double
        let netcalECE: Double, netcalMCE: Double, netcalACE: Double
    }
    struct Best: Codable {
        let threshold: Double, dice: Double
    }
    struct Fit: Codable {
        let name: String
        let scale: Float, shift: Float
        let images: Int
        let temperature: Double, before: Double, after: Double
    }

    let images: Int, bins: Int
    let logits: [Float], probabilities: [Float], truth: [UInt8]
    let foreground: Int
    let whole: Errors
    let perImage: [Double], curveConfidence: [Double], curveFrequency: [Double]
    let brier: Double, logLoss: Double, logitLoss: Double, clippedLoss: Double
    let distinct: Int
    let adaptive: Double, torchUncertaintyACE: Double
    let averagePrecision: Double, areaUnderROC: Double, torchmetricsAveragePrecision: Double
    let thresholds: [Int]
    let precision: [Double], recall: [Double], pixelDice: [Double], imageDice: [Double]
    let bestForPixels: Best, bestForImages: Best
    let fits: [Fit]

    static func read() throws -> CalibrationGolden { try StatisticsGolden.read("calibration", as: CalibrationGolden.self) }
}
