// Compares a device with the CPU: every operator on the model's sizes, then whole training steps, from the same seeds. For `train check`.
import Foundation
import Networks
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
        for operation in OperatorCase.all(batch: batch) {
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
            let flat = backend.tensor(random.values(input.count, scale: input.scale, around: input.centre), [input.count])
            return flat.parameterView(input.shape, at: 0, gradients: backend.zeros([input.count]))
        }
        let tape = Tape(backend: backend, mode: .training, activations: format, dropoutSeed: 11)
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
            let step = TrainingStep(network, loss: SegmentationLoss(network.descriptor.recipe.loss))
            var losses: [Float] = [], firstMoments: [Float] = []
            // On a device that records, the third step is the first one that runs from a recording.
            for number in 1...3 {
                step.run(tensors, StepVariables(dropoutSeed: UInt64(number), learningRate: 3e-4, step: number))
                losses += backend.values(step.terms)
                // The first moment is a tenth of the gradient.
                if number == 1 { firstMoments = backend.values(step.optimizer.firstMoment) }
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

/// An operator on the model's sizes.
private struct OperatorCase {
    struct Input {
        let shape: [Int]
        var scale: Float = 1
        var centre: Float = 0
        var count: Int { shape.reduce(1, *) }
    }

    let name: String
    let inputs: [Input]
    /// Indexes of the inputs that are activations.
    let activations: [Int]
    /// A factor for the tolerance of operators that round more often.
    var slack = 1.0
    let body: (Tape, [Tensor]) -> Tensor

    static func all(batch b: Int) -> [OperatorCase] {
        func weight(_ shape: Int...) -> Input { Input(shape: shape, scale: 1 / Float(shape.dropFirst().reduce(1, *)).squareRoot()) }
        func vector(_ count: Int, around centre: Float = 0) -> Input { Input(shape: [count], scale: 0.2, centre: centre) }
        var cases: [OperatorCase] = [(56, 96), (28, 192), (14, 384), (7, 768)].map { size, channels in
            OperatorCase(
                name: "ConvNeXt block \(size)x\(size)x\(channels)",
                inputs: [
                    Input(shape: [b, size, size, channels]), Input(shape: [49, channels], scale: 0.14), vector(channels),
                    vector(channels, around: 1),
                    vector(channels), weight(4 * channels, channels), vector(4 * channels), weight(channels, 4 * channels),
                    vector(channels),
                    vector(channels, around: 1),
                ], activations: [0], slack: 2
            ) { tape, x in
                tape.convNeXtBlock(
                    x[0],
                    ConvNeXtBlockWeights(
                        depthwise: .init(weight: x[1], bias: x[2], kernel: 7), norm: .init(gamma: x[3], beta: x[4], epsilon: 1e-6),
                        expand: .init(weight: x[5], bias: x[6]), project: .init(weight: x[7], bias: x[8]), scale: x[9]))
            }
        }
        cases += [(784, 784, 48), (196, 196, 96), (49, 49, 192), (784, 9, 48), (196, 12, 96), (49, 24, 192)].map { queries, keys, width in
            OperatorCase(
                name: "attention \(queries) x \(keys), 4 heads of \(width)",
                inputs: [queries, keys, keys].map { Input(shape: [b, $0, 4 * width]) }, activations: [0, 1, 2], slack: 2
            ) { $0.attention($1[0], $1[1], $1[2], heads: 4, dropout: 0.1) }
        }
        cases += [(56, 192, 96), (28, 384, 192), (14, 768, 384), (56, 96, 16)].map { size, input, output in
            OperatorCase(
                name: "convolution 3x3 \(input) -> \(output) at \(size)x\(size)",
                inputs: [Input(shape: [b, size, size, input]), weight(output, 3, 3, input)], activations: [0]
            ) { $0.convolution($1[0], weight: $1[1], kernel: 3) }
        }
        cases += [
            OperatorCase(
                name: "layer norm", inputs: [Input(shape: [b, 784, 192]), vector(192, around: 1), vector(192)], activations: [0]
            ) { $0.layerNorm($1[0], gamma: $1[1], beta: $1[2], epsilon: 1e-5) },
            OperatorCase(
                name: "layer norm of heads", inputs: [Input(shape: [b * 3136, 48]), vector(48, around: 1), vector(48)], activations: [0]
            ) { $0.layerNorm($1[0], gamma: $1[1], beta: $1[2], epsilon: 1e-5) },
            OperatorCase(
                name: "batch norm", inputs: [Input(shape: [b, 56, 56, 96], centre: 0.5), vector(96, around: 1), vector(96)],
                activations: [0]
            ) {
                $0.batchNorm(
                    $1[0], gamma: $1[1], beta: $1[2], runningMean: $0.backend.zeros([96]), runningVariance: $0.backend.zeros([96]),
                    slope: 0.01)
            },
            OperatorCase(
                name: "stem, 4x4 patches", inputs: [Input(shape: [b, 224, 224, 3]), weight(96, 4, 4, 3), vector(96)], activations: [0]
            ) { $0.patchConvolution($1[0], weight: $1[1], bias: $1[2], kernel: 4) },
            OperatorCase(
                name: "transposed convolution", inputs: [Input(shape: [b, 28, 28, 192]), Input(shape: [192, 2, 2, 96], scale: 0.07)],
                activations: [0]
            ) { $0.transposedConvolution($1[0], weight: $1[1], kernel: 2) },
            OperatorCase(name: "pixel shuffle and pool", inputs: [Input(shape: [b, 56, 56, 16]), vector(1)], activations: []) {
                $0.shufflePool($1[0], factor: 4, bias: $1[1])
            },
            OperatorCase(
                name: "selective scan",
                inputs: [
                    Input(shape: [b, 24, 384]), Input(shape: [b, 24, 384], scale: 0.1, centre: 0.2),
                    Input(shape: [384, 16], scale: 0.5, centre: 1),
                    vector(384, around: 1), Input(shape: [b, 24, 80]),
                ], activations: []
            ) { $0.selectiveScan($1[0], step: $1[1], logA: $1[2], skip: $1[3], projections: $1[4], b: 48..<64, c: 64..<80) },
            OperatorCase(name: "convolution over positions", inputs: [Input(shape: [b, 24, 768]), weight(4, 384)], activations: []) {
                $0.convolution1D($1[0], columns: 384..<768, weight: $1[1], left: 1)
            },
            OperatorCase(name: "linear over positions", inputs: [Input(shape: [b, 24, 768]), weight(12, 24)], activations: []) {
                $0.sequenceLinear($1[0], weight: $1[1])
            },
            OperatorCase(
                name: "linear", inputs: [Input(shape: [b, 196, 384]), weight(1152, 384), vector(1152)], activations: [0]
            ) { $0.linear($1[0], weight: $1[1], bias: $1[2]) },
            OperatorCase(
                name: "learned scale", inputs: [Input(shape: [b, 196, 384]), Input(shape: [b, 196, 384]), vector(1, around: 1.4)],
                activations: [0, 1]
            ) { $0.addScaled($1[0], $1[1], scale: $1[2]) },
            OperatorCase(name: "dropout", inputs: [Input(shape: [b, 196, 384])], activations: [0]) { $0.dropout($1[0], probability: 0.1) },
            OperatorCase(
                name: "concatenation", inputs: [Input(shape: [b, 56, 56, 96]), Input(shape: [b, 56, 56, 96])], activations: [0, 1]
            ) {
                $0.concatenate($1[0], $1[1])
            },
            OperatorCase(name: "softplus with bias", inputs: [Input(shape: [b, 24, 384], scale: 4), vector(384)], activations: []) {
                $0.softplus($1[0], bias: $1[1])
            },
        ]
        return cases
    }
}

/// Numbers that are the same on every machine.
private struct CaseNumbers {
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
