// Maps of pytorch-grad-cam and attention weights of PyTorch (Scripts/golden/explaining.py; docs/developer/golden.md), and the small
// networks and inputs that they belong to.
import Foundation
import GoldenSupport
import Networks
import Tensors
import Testing

struct GoldenExplaining: Codable, Sendable {
    struct Map: Codable, Sendable {
        /// "mask" or "point".
        let target: String, tap: String, method: String
        let mean: Double, samples: [Double]
    }
    struct Network: Codable, Sendable {
        let image: String, size: [Int]
        /// The mask is where the logits are above their mean; so many pixels.
        let logitMean: Double, area: Int
        /// Column and row.
        let point: [Int]
        let maps: [Map]
    }
    struct Attention: Codable, Sendable {
        struct Stage: Codable, Sendable { let shape: [Int], samples: [Double] }
        let image: String, size: [Int], stages: [String: Stage]
    }
    let networks: [String: Network]
    let attention: [String: Attention]

    static let data = Bundle.module.url(forResource: "Golden/explaining", withExtension: "json").flatMap { try? Data(contentsOf: $0) }
    static let shared = data.flatMap { try? JSONDecoder().decode(GoldenExplaining.self, from: $0) }
}

/// The small network of a name with formula weights.
func smallNetwork(_ name: String, _ backend: any Backend) throws -> any SegmentationModel {
    let descriptor = try ModelZoo.descriptor(named: name),
        small = ["depths": "1,1,1,1", "widths": "16,32,48,64", "text-positions": "8,5,4"]
    var specification = descriptor.published
    if specification.text != nil { specification.text = TextShape(tokens: 8, width: 40) }
    for (option, value) in name == "unet" ? ["width": "4"] : small { try descriptor.set(option, to: value, in: &specification) }
    let model = try descriptor.model(specification, ModelSetup(backend: backend, trains: false, initialises: false))
    let factors: [(String, Float)] = name == "unet" ? [("^outc\\.weight$", 2), ("conv\\.weight$", 1.5)] : []
    GoldenFormula.fill(model.parameters, factors: try factors.map { (try Regex($0.0), $0.1) })
    return model
}

/// The unit arrays as image [1,H,W,3], whose index is that of [1,3,H,W], and text.
func smallInput(_ model: any SegmentationModel, image: String, height: Int, width: Int) -> ModelInput {
    let plain = GoldenFormula.plain(image, 3 * height * width), pixels = height * width
    let values = (0..<plain.count).map { plain[$0 % 3 * pixels + $0 / 3] }
    let text = model.specification.text.map { text in
        TextInput(
            features: model.backend.tensor(GoldenFormula.plain("text", text.tokens * text.width), [1, text.tokens, text.width]))
    }
    return ModelInput(images: model.backend.tensor(values, [1, height, width, 3]), text: text)
}

/// Pearson's correlation; 1 for two constant sequences.
func correlation(_ a: [Double], _ b: [Double]) -> Double {
    let count = Double(a.count), meanA = a.reduce(0, +) / count, meanB = b.reduce(0, +) / count
    var covariance = 0.0, varianceA = 0.0, varianceB = 0.0
    for (x, y) in zip(a, b) {
        covariance += (x - meanA) * (y - meanB)
        varianceA += (x - meanA) * (x - meanA)
        varianceB += (y - meanB) * (y - meanB)
    }
    if varianceA < 1e-12, varianceB < 1e-12 { return 1 }
    return covariance / (varianceA * varianceB).squareRoot()
}
