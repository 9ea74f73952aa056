// A whole network's golden values (Scripts/golden/models/golden.py; docs/developer/golden.md), and a network and inputs as its recipe says.
import Foundation
import GoldenSupport
import Networks
import Tensors
import Testing

struct GoldenNetwork: Codable {
    /// [expression, factor].
    struct Factor: Codable {
        let pattern: String
        let factor: Float

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            pattern = try container.decode(String.self)
            factor = try container.decode(Float.self)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(pattern)
            try container.encode(factor)
        }
    }
    struct Recipe: Codable { let factors: [Factor], dropout: Double, dropPath: Double }
    struct Counts: Codable { let parameters: Int, reached: Int, multiplyAdds: [String: Int] }
    struct Entry: Codable, Equatable { let shape: [Int], kind: String }
    struct Case: Codable {
        let batch: Int, height: Int, width: Int
        /// The name of the input's unit array.
        let input: String
        let evaluation: [String: GoldenArray], training: [String: GoldenArray]?
        let statistics: [String: GoldenArray]
        let losses: [String: [String: Double]]
        let logitGradients: [String: GoldenArray], inputGradients: [String: GoldenArray], gradients: [String: GoldenArray]
        let zeroGradients: [String]
        let otherGradientNorms: [String: Double]?
    }

    /// The network's name and options, where they are not the file's name and the published options.
    let network: String?, options: [String: String]?
    let recipe: Recipe
    let counts: Counts
    let names: [String: Entry]
    let cases: [String: Case]

    /// Keys that are for people: the recipe in words, figures of the network's description, deviations of PyTorch's float32.
    static let words: Set<String> = ["input", "text", "target", "weights", "notFilled", "defaultLoss", "layout", "stated", "float32"]

    static func data(_ name: String) throws -> Data {
        try Data(contentsOf: #require(Bundle.module.url(forResource: "Golden/\(name)", withExtension: "json")))
    }

    static func read(_ network: String) throws -> GoldenNetwork { try JSONDecoder().decode(GoldenNetwork.self, from: data(network)) }

    /// - Parameter name: of the file.
    func specification(_ name: String) throws -> ModelSpecification {
        let descriptor = try ModelZoo.descriptor(named: network ?? name)
        var specification = descriptor.published
        for (option, value) in options ?? [:] { try descriptor.set(option, to: value, in: &specification) }
        return specification
    }

    /// The network with the recipe's weights.
    func model(_ name: String, _ backend: any Backend, activations: NumberFormat = .float32) throws -> any SegmentationModel {
        let model = try ModelZoo.model(
            try specification(name), ModelSetup(backend: backend, activations: activations, seed: 1, initialises: false))
        GoldenFormula.fill(model.parameters, factors: try recipe.factors.map { (try Regex($0.pattern), $0.factor) })
        return model
    }
}

extension GoldenNetwork.Case {
    /// The unit array of the case's name, whose index is that of [B,3,H,W], as [B,H,W,3] with room for a gradient; nothing normalises it.
    func images(_ backend: any Backend) -> Tensor {
        let plain = GoldenFormula.plain(input, batch * 3 * height * width), pixels = height * width
        let values = (0..<plain.count).map { plain[($0 / (3 * pixels) * 3 + $0 % 3) * pixels + $0 / 3 % pixels] }
        return backend.tensor(values, [values.count])
            .parameterView([batch, height, width, 3], at: 0, gradients: backend.zeros([values.count]))
    }

    /// What a pass of the network reads: these images, and the unit array "text", with room for a gradient, where it reads text.
    func inputs(_ model: any SegmentationModel, images: Tensor? = nil) -> ModelInput {
        let text = model.specification.text.map { text in
            let count = batch * text.tokens * text.width, backend = model.backend
            return TextInput(
                features: backend.tensor(GoldenFormula.plain("text", count), [count])
                    .parameterView([batch, text.tokens, text.width], at: 0, gradients: backend.zeros([count])))
        }
        return ModelInput(images: images ?? self.images(model.backend), text: text)
    }

    func target(_ backend: any Backend) -> ByteTensor {
        if (height, width) == (224, 224) { return backend.bytes(GoldenFormula.masks(batch: batch), [batch, height, width]) }
        let values = (0..<batch).flatMap { b in
            (0..<height).flatMap { y in
                (0..<width).map { x in
                    let down = y - height / 2, across = x - width / 2 + 8 * b, radius = height - 16 * b
                    return UInt8(16 * (down * down + across * across) <= radius * radius ? 1 : 0)
                }
            }
        }
        return backend.bytes(values, [batch, height, width])
    }
}
