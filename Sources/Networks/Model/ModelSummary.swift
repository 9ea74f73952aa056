// Parameters and arithmetic of a network, module by module, counted as in the paper's Table 1: trained parameters, and multiplications and
// additions (counted separately) of products and convolutions in the forward pass of one image. The frozen text encoder is not counted.
// If a descriptor has no formula for the arithmetic, the network is run once on synthetic input and its operators are counted.
import Foundation
import Tensors

/// The operations of a part of a network for one image.
public struct ModuleArithmetic: Sendable {
    /// Prefixes of the published names of its parameters.
    let names: [String]
    /// Multiplications and additions of the network as published, and as computed here.
    let published: Double, computed: Double

    /// - Parameter products: pairs of a multiplication and an addition.
    init(_ names: [String], products: Int, computed: Int? = nil) {
        self.names = names
        published = 2 * Double(products)
        self.computed = 2 * Double(computed ?? products)
    }
}

public struct ModelSummary: Sendable {
    public struct Module: Sendable {
        /// The prefix of the published names of its parameters.
        public let name: String
        public let parameters: Int
        /// Of the published model, whose head has 384 channels.
        public let operations: Double
        /// Of the model as this program computes it: the head's last convolution is folded into the one before.
        public let computedOperations: Double
    }

    public let modules: [Module]
    public let imageSize: Int
    public var parameters: Int { modules.reduce(0) { $0 + $1.parameters } }
    public var operations: Double { modules.reduce(0) { $0 + $1.operations } }
    public var computedOperations: Double { modules.reduce(0) { $0 + $1.computedOperations } }

    /// - Parameter imageSize: nil for the published one.
    public init(_ model: any SegmentationModel, imageSize: Int? = nil) throws(NetworkError) {
        let size = imageSize ?? model.image.size
        self.imageSize = size
        let trained = model.parameters.entries.filter { $0.role == .trained }
        guard let arithmetic = model.descriptor.arithmetic(model.specification, imageSize: size) else {
            let counted = try Self.counted(model, imageSize: size)
            modules = [
                Module(
                    name: model.descriptor.name, parameters: model.parameters.trainedCount, operations: counted, computedOperations: counted
                )
            ]
            return
        }
        modules = arithmetic.map { count in
            Module(
                name: count.names.joined(separator: ", "),
                parameters: trained.filter { entry in count.names.contains { entry.name.hasPrefix($0 + ".") } }.reduce(0) { $0 + $1.count },
                operations: count.published, computedOperations: count.computed)
        }
    }

    /// Of one image's training step: the forward pass, and twice as much for the gradients of activations and weights.
    public var operationsPerTrainingStep: Double { 3 * computedOperations }

    /// The operator counts of one pass of a network like this one.
    package static func counted(_ model: any SegmentationModel, imageSize: Int) throws(NetworkError) -> Double {
        let backend = model.backend
        let twin = try model.descriptor.model(
            model.specification, ModelSetup(backend: backend, activations: model.activations, trains: false, initialises: false))
        let images = backend.bytes([UInt8](repeating: 7, count: imageSize * imageSize * 3), [1, imageSize, imageSize, 3])
        let text = model.specification.text.map { backend.zeros([1, $0.tokens, $0.width]) }
        return backend.measuring { _ in _ = twin(images, text: text, twin.tape(.inference)) }.profile.operations
    }

    /// The same as JSON: "parameters", "operations" and "computedOperations", in total and for each module.
    public var json: String {
        func fields(_ parameters: Int, _ operations: Double, _ computed: Double) -> String {
            "\"parameters\": \(parameters), \"operations\": \(Int(operations)), \"computedOperations\": \(Int(computed))"
        }
        let parts = modules.map { "{\"name\": \"\($0.name)\", \(fields($0.parameters, $0.operations, $0.computedOperations))}" }
        return
            "{\"imageSize\": \(imageSize), \(fields(parameters, operations, computedOperations)), \"modules\": "
            + "[\(parts.joined(separator: ", "))]}"
    }

    /// One line for each module, the totals, and the saving by folding the head.
    public var table: String {
        func line(_ name: String, _ columns: String...) -> String {
            name.padding(toLength: 30, withPad: " ", startingAt: 0)
                + columns.map { String(repeating: " ", count: max(1, 14 - $0.count)) + $0 }.joined()
        }
        func line(_ name: String, _ parameters: Int, _ operations: Double, _ computed: Double) -> String {
            line(
                name, String(format: "%.2f M", Double(parameters) * 1e-6), String(format: "%.2f G", operations * 1e-9),
                String(format: "%.2f G", computed * 1e-9))
        }
        let saved = operations - computedOperations
        return
            ([line("module", "parameters", "FLOP", "computed here")]
            + modules.map { line($0.name, $0.parameters, $0.operations, $0.computedOperations) } + [
                line("all", parameters, operations, computedOperations),
                "FLOP: multiplications and additions of one \(imageSize)x\(imageSize) image's forward pass; a training step does three "
                    + "times as many.",
            ]
            + (saved > 0
                ? [
                    String(
                        format:
                            "Folding the head's last convolution into the one before saves %.2f GFLOP of %.2f, %.0f %%; results "
                            + "are the same.",
                        saved * 1e-9, operations * 1e-9, 100 * saved / operations)
                ] : []))
            .joined(separator: "\n")
    }
}
