// Compares a device with the CPU: every operator of the table (OperatorCases) on sizes of networks, then whole training steps, from the
// same seeds. For `train check`.
import Foundation
import Networks
import OperatorCases
import Randomness
import Tensors

public struct ParityCheck {
    /// One comparison: the largest relative difference (norm of the difference over norm of the CPU's) of an operator's value and
    /// gradients.
    public struct Row: Sendable {
        public let name: String
        public let difference: Double
        public let tolerance: Double
        public var isGood: Bool { difference <= tolerance }
    }

    private let cpu: any Backend, device: any Backend

    public init(device: any Backend, cpu: any Backend) {
        self.device = device
        self.cpu = cpu
    }

    /// All comparisons in one format.
    /// - Throws: the device's failure.
    public func rows(
        _ format: NumberFormat, batch: Int = 2, imageSize: Int = 224, model: ModelSpecification = ModelZoo.standard.published,
        each: (Row) -> Void = { _ in }
    ) throws(TrainingError) -> [Row] {
        // bf16 results may differ by rounding in every element; float32 sums by their order.
        let tolerance = format == .float32 ? 2e-5 : 1.2e-2
        var rows: [Row] = []
        for operation in OperatorCase.networkSizes(batch: batch) {
            let expected = try run(operation, format, on: cpu), found = try run(operation, format, on: device)
            let difference = zip(expected, found).map(Self.difference).max() ?? .infinity
            rows.append(Row(name: operation.name, difference: difference, tolerance: tolerance * operation.slack))
            if let row = rows.last { each(row) }
        }
        for row in try steps(format, batch: batch, imageSize: imageSize, model: model) {
            rows.append(row)
            each(row)
        }
        return rows
    }

    /// The value, then the gradients of all inputs.
    private func run(_ operation: OperatorCase, _ format: NumberFormat, on backend: any Backend) throws(TrainingError) -> [[Float]] {
        var random = CaseNumbers(seed: 7)
        let inputs = operation.inputs.map { input in
            let flat = backend.tensor(random.values(input.count, scale: Float(input.scale), around: Float(input.centre)), [input.count])
            return flat.parameterView(input.shape, at: 0, gradients: backend.zeros([input.count]))
        }
        let tape = Tape(backend: backend, mode: operation.mode, activations: format, dropoutSeed: 11)
        var given = inputs
        for index in operation.activations { given[index] = tape.convert(given[index], to: format) }
        let y = tape.convert(operation.body(tape, given), to: .float32)
        let value = backend.values(y)
        tape.start(backend.tensor(random.values(y.count), y.shape), at: y)
        tape.backward()
        let gradients = inputs.map { $0.gradient.map { backend.values($0) } ?? [] }
        try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
        return [value] + gradients
    }

    /// Three steps of a whole network on synthetic data: the losses, the gradients of the first step, the parameters after the last.
    public func steps(
        _ format: NumberFormat, batch: Int, imageSize: Int, model: ModelSpecification = ModelZoo.standard.published
    ) throws(TrainingError) -> [Row] {
        func train(
            _ backend: any Backend, _ format: NumberFormat
        ) throws(TrainingError) -> (losses: [Float], gradients: [Float], probabilities: [Float]) {
            let network = try TrainingError.wrapping { () throws(NetworkError) in
                try ModelZoo.model(model, ModelSetup(backend: backend, activations: format, seed: 3))
            }
            var random = CaseNumbers(seed: 5)
            let images = backend.bytes(random.bytes(batch * imageSize * imageSize * 3), [batch, imageSize, imageSize, 3])
            let target = backend.bytes(random.bytes(batch * imageSize * imageSize).map { $0 > 200 ? 1 : 0 }, [batch, imageSize, imageSize])
            let text = network.specification.text.map { text in
                let shape = [batch, text.tokens, text.width]
                return backend.tensor(random.values(shape.reduce(1, *)), shape)
            }
            let tensors = BatchTensors(images: images, target: target, text: text)
            let recipe = network.descriptor.recipe(network.specification)
            let step = TrainingStep(network, loss: SegmentationLoss(recipe.loss), optimizer: recipe.optimizerConfiguration)
            var losses: [Float] = [], firstMoments: [Float] = []
            // On a device that records, the third step is the first one that runs from a recording.
            for number in 1...3 {
                step.run(tensors, StepVariables(dropoutSeed: UInt64(number), learningRate: 3e-4, step: number))
                losses += backend.values(step.terms)
                // AdamW's first moment is a tenth of the gradient.
                if number == 1 { firstMoments = backend.values(step.optimizer.state[0].tensor) }
            }
            let tape = network.tape(.inference)
            let probabilities = backend.values(network(images, text: text, tape).probabilities(tape))
            try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
            return (losses, firstMoments, probabilities)
        }
        let expected = try train(cpu, format), found = try train(device, format)
        func rows(_ tolerances: [Double]) -> [Row] {
            let names = ["first step: gradients", "three steps: losses", "three steps: probabilities"]
            let differences = [
                Self.difference(expected.gradients, found.gradients), Self.difference(expected.losses, found.losses),
                Self.difference(expected.probabilities, found.probabilities),
            ]
            return zip(names, zip(differences, tolerances)).map { Row(name: $0, difference: $1.0, tolerance: $1.1) }
        }
        // Adam's first steps have the same size whatever the gradient's size, and a gradient near 0 may have either sign, so later steps
        // diverge.
        guard format == .bfloat16 else { return rows([2e-3, 2e-3, 2e-2]) }
        // A hundred roundings change the result on both devices. The reference is the CPU's own difference between bf16 and float32.
        let exact = try train(cpu, .float32)
        return rows([
            2 * Self.difference(exact.gradients, expected.gradients), max(5e-3, 2 * Self.difference(exact.losses, expected.losses)),
            max(2e-2, 2 * Self.difference(exact.probabilities, expected.probabilities)),
        ])
    }

    /// |a - b| / |a|; infinite if a value is NaN.
    static func difference(_ a: [Float], _ b: [Float]) -> Double {
        guard a.count == b.count else { return .infinity }
        var difference = 0.0, size = 0.0
        for (x, y) in zip(a, b) {
            difference += (Double(x) - Double(y)) * (Double(x) - Double(y))
            size += Double(x) * Double(x)
        }
        guard difference.isFinite else { return .infinity }
        return size == 0 ? (difference == 0 ? 0 : .infinity) : (difference / size).squareRoot()
    }
}

/// Numbers that are the same on every machine.
struct CaseNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = SplitMix64.hash(seed) }

    private mutating func next() -> UInt64 {
        state &+= 1
        return SplitMix64.hash(state)
    }

    /// Uniform numbers from `centre` - `scale` to `centre` + `scale`.
    mutating func values(_ count: Int, scale: Float = 1, around centre: Float = 0) -> [Float] {
        (0..<count).map { _ in centre + scale * (Float(next() >> 40) * 0x1p-23 - 1) }
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 32) } }
}
