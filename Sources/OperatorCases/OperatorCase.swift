// One table of all operators of the tape: inputs, options, tolerance, and where it is easily said the same in float64. Read by the operator
// tests (small sizes, both devices and formats, gradients by differences), by `train check` and `train benchmark --operators` (sizes of
// networks). An operator without a row fails a test.
import Tensors

/// A float64 array with a shape: what reference implementations take and give.
package struct Reference: Sendable {
    package var shape: [Int]
    package var values: [Double]

    package subscript(index: Int) -> Double {
        get { values[index] }
        set { values[index] = newValue }
    }

    package init(_ shape: [Int], _ values: [Double]) {
        self.shape = shape
        self.values = values
    }

    package init(zeros shape: [Int]) { self.init(shape, [Double](repeating: 0, count: shape.reduce(1, *))) }

    package func map(_ f: (Double) -> Double) -> Reference { Reference(shape, values.map(f)) }
}

/// One input of an operator: numbers within `scale` of `centre`.
package struct OperatorInput: Sendable {
    package let shape: [Int]
    package var scale = 1.0
    package var centre = 0.0
    package var count: Int { shape.reduce(1, *) }

    package init(_ shape: [Int], scale: Double = 1, around centre: Double = 0) {
        self.shape = shape
        self.scale = scale
        self.centre = centre
    }

    /// A weight whose product keeps the size of what it is multiplied with.
    static func weight(_ shape: Int...) -> OperatorInput { .init(shape, scale: 1 / Double(shape.dropFirst().reduce(1, *)).squareRoot()) }
    /// Biases and factors of a norm.
    static func vector(_ count: Int, around centre: Double = 0) -> OperatorInput { .init([count], scale: 0.2, around: centre) }
}

/// An operator on one set of sizes.
package struct OperatorCase: Sendable {
    /// Method of the tape, and what is special: the row's name.
    package let name: String
    /// The methods of the tape that it runs.
    package let operators: [String]
    package let inputs: [OperatorInput]
    /// The inputs that are activations, in float32 or bf16. Empty: the operator is there in float32 alone.
    package var activations: [Int] = []
    package var mode = Mode.training
    /// A factor on tolerances, for operators that round more often.
    package var slack = 1.0
    package let body: @Sendable (Tape, [Tensor]) -> Tensor
    /// The same in float64; nil where devices are compared with each other alone.
    package var reference: (@Sendable ([Reference]) -> Reference)?

    /// Odd sizes, small enough for differences in float64.
    package static let small = pointwiseSmall + rowsSmall + spatialSmall + sequencesSmall + windowsSmall + blocksSmall
    /// Sizes of networks at 224 x 224, for a batch.
    package static func networkSizes(batch: Int) -> [OperatorCase] {
        blocks(batch: batch) + windows(batch: batch) + sequences(batch: batch) + spatial(batch: batch) + rows(batch: batch)
            + pointwise(batch: batch)
    }
}
