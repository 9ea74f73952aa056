// Parameters and arithmetic of the segmentation model, module by module, as the paper's Table 1 counts them: trained parameters, and multiplications
// and additions (each for itself) of products and convolutions in the forward pass of one image. The frozen text encoder is not counted.
// Shape letters: L positions of a stage's grid, C channels, N text tokens, T mixed text positions, D text width.
import Foundation
import Tensors

public struct ModelSummary: Sendable {
    public struct Module: Sendable {
        /// The prefix of the published names of its parameters.
        public let name: String
        public let parameters: Int
        /// Of the model as published, whose head works on 384 channels.
        public let operations: Double
        /// Of the model as computed here, with the head's last convolution folded into the one before.
        public let computedOperations: Double
    }

    public let modules: [Module]
    public let imageSize: Int
    public var parameters: Int { modules.reduce(0) { $0 + $1.parameters } }
    public var operations: Double { modules.reduce(0) { $0 + $1.operations } }
    public var computedOperations: Double { modules.reduce(0) { $0 + $1.computedOperations } }

    public init(_ model: SegmentationModel, imageSize: Int = 224) {
        self.imageSize = imageSize
        let trained = model.parameters.entries.filter { $0.role == .trained }
        modules = OperationCount(model.configuration, imageSize: imageSize).modules.map { count in
            Module(
                name: count.names.joined(separator: ", "),
                parameters: trained.filter { entry in count.names.contains { entry.name.hasPrefix($0 + ".") } }.reduce(0) { $0 + $1.count },
                operations: count.published, computedOperations: count.computed)
        }
    }

    /// The same as JSON: "parameters", "operations" and "computedOperations" in all and for each module.
    public var json: String {
        func fields(_ parameters: Int, _ operations: Double, _ computed: Double) -> String {
            "\"parameters\": \(parameters), \"operations\": \(Int(operations)), \"computedOperations\": \(Int(computed))"
        }
        let parts = modules.map { "{\"name\": \"\($0.name)\", \(fields($0.parameters, $0.operations, $0.computedOperations))}" }
        return "{\"imageSize\": \(imageSize), \(fields(parameters, operations, computedOperations)), \"modules\": [\(parts.joined(separator: ", "))]}"
    }

    /// A line a module, the totals, and what folding the head saves.
    public var table: String {
        func line(_ name: String, _ columns: String...) -> String {
            name.padding(toLength: 30, withPad: " ", startingAt: 0) + columns.map { String(repeating: " ", count: max(1, 14 - $0.count)) + $0 }.joined()
        }
        func line(_ name: String, _ parameters: Int, _ operations: Double, _ computed: Double) -> String {
            line(
                name, String(format: "%.2f M", Double(parameters) * 1e-6), String(format: "%.2f G", operations * 1e-9),
                String(format: "%.2f G", computed * 1e-9))
        }
        let saved = operations - computedOperations
        return ([line("module", "parameters", "FLOP", "computed here")]
            + modules.map { line($0.name, $0.parameters, $0.operations, $0.computedOperations) } + [
                line("all", parameters, operations, computedOperations),
                "FLOP: multiplications and additions of one \(imageSize)x\(imageSize) image's forward pass; a training step does three times as many.",
                String(
                    format: "Folding the head's last convolution into the one before saves %.2f GFLOP of %.2f, %.0f %%; results are the same.",
                    saved * 1e-9, operations * 1e-9, 100 * saved / operations),
            ]).joined(separator: "\n")
    }
}

/// The arithmetic of the model's modules from its shapes alone.
struct OperationCount {
    struct Module {
        let names: [String]
        let published: Double, computed: Double
    }

    let modules: [Module]

    init(_ configuration: ModelConfiguration, imageSize: Int) {
        let widths = configuration.encoder.widths
        /// Pixels of a stage's map.
        func grid(_ stage: Int) -> Int {
            let side = imageSize / (4 << stage)
            return side * side
        }
        var encoder = grid(0) * 48 * widths[0]
        for (stage, width) in widths.enumerated() {
            if stage > 0 { encoder += grid(stage) * 4 * widths[stage - 1] * width }
            encoder += configuration.encoder.depths[stage] * grid(stage) * (49 * width + 8 * width * width)
        }
        var modules = [Module(["encoder.model"], products: encoder)]
        for (index, name) in ["decoder16", "decoder8", "decoder4"].enumerated() {
            let input = widths[3 - index], output = widths[2 - index], positions = grid(3 - index)
            if configuration.useMoDAB {
                let text = configuration.textPositions[index]
                modules.append(
                    Module(
                        [name + ".guide_layer"],
                        products: Self.guide(configuration, channels: input, positions: positions, textPositions: text)))
            }
            modules.append(
                Module(
                    [name + ".decoder"],
                    products: positions * input * 4 * output + 4 * positions * 9 * (2 * output * output + output * output)))
        }
        let head = grid(0) * 9 * widths[0]
        modules.append(
            Module(
                ["decoder1", "out"], products: head * 4 * widths[0] + imageSize * imageSize * widths[0] / 4, computed: head * 16))
        self.modules = modules
    }

    /// MoDAB: text through its linear map and mixer, self attention, attention to the text.
    private static func guide(_ configuration: ModelConfiguration, channels c: Int, positions l: Int, textPositions t: Int) -> Int {
        let n = configuration.tokens, half = c / 2, rank = (c + 15) / 16, state = 16
        var text = n * configuration.textWidth * c + n * c * c + c * n * t
        if configuration.mixer == .ssmix { text += 2 * n * half * 4 + n * half * (rank + 2 * state) + n * rank * half }
        let selfAttention = 3 * l * c * c + 2 * l * l * c + l * c * c
        let cross = 2 * l * t * c + (configuration.fusion == .attention ? 2 * l * c * c + 2 * t * c * c : 0)
        return text + selfAttention + cross
    }

    /// Of one image's training step: the forward pass and twice as much for the gradients of maps and weights.
    static func trainingStep(_ configuration: ModelConfiguration, imageSize: Int) -> Double {
        3 * OperationCount(configuration, imageSize: imageSize).modules.reduce(0) { $0 + $1.computed }
    }
}

extension OperationCount.Module {
    /// - Parameter products: pairs of a multiplication and an addition.
    fileprivate init(_ names: [String], products: Int, computed: Int? = nil) {
        self.init(names: names, published: 2 * Double(products), computed: 2 * Double(computed ?? products))
    }
}

extension ModelConfiguration {
    /// Multiplications and additions of one image's training step, as computed here.
    public func operationsPerTrainingStep(imageSize: Int) -> Double { OperationCount.trainingStep(self, imageSize: imageSize) }
}
