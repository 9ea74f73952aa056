// Operators on single elements.
import Foundation
import Tensors

extension OperatorCase {
    private static func activation(
        _ name: String, _ kind: Activation, scale: Double, isHalf: Bool, _ function: @escaping @Sendable (Double) -> Double
    ) -> OperatorCase {
        OperatorCase(
            name: "activate, \(name)", operators: ["activate"], inputs: [.init([3, 37], scale: scale)], activations: isHalf ? [0] : [],
            body: { $0.activate(kind, $1[0]) }, reference: { $0[0].map(function) })
    }

    private static let activations: [OperatorCase] = [
        activation("GELU", .gelu, scale: 4, isHalf: true) { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) },
        activation("tanh", .tanh, scale: 3, isHalf: true) { tanh($0) },
        activation("softplus", .softplus, scale: 30, isHalf: false) { $0 > 20 ? $0 : log1p(exp($0)) },
        activation("sigmoid", .sigmoid, scale: 6, isHalf: false) { 1 / (1 + exp(-$0)) },
        activation("leaky ReLU", .leakyReLU(slope: 0.01), scale: 1, isHalf: true) { $0 > 0 ? $0 : 0.01 * $0 },
    ]

    static let pointwiseSmall: [OperatorCase] =
        activations + [
            OperatorCase(
                name: "convert", operators: ["convert"], inputs: [.init([3, 37])], activations: [0],
                body: { $0.convert($0.convert($1[0], to: .float32), to: $1[0].format) }, reference: { $0[0] }),
            OperatorCase(
                name: "add", operators: ["add"], inputs: [.init([2, 9]), .init([2, 9])], activations: [0, 1],
                body: { $0.add($1[0], $1[1]) },
                reference: { Reference([2, 9], zip($0[0].values, $0[1].values).map(+)) }),
            OperatorCase(
                name: "add, the same twice", operators: ["add"], inputs: [.init([2, 9])], activations: [0], body: { $0.add($1[0], $1[0]) },
                reference: { $0[0].map { 2 * $0 } }),
            OperatorCase(
                name: "addScaled", operators: ["addScaled"], inputs: [.init([2, 9]), .init([2, 9]), .init([1])], activations: [0, 1],
                body: { $0.addScaled($1[0], $1[1], scale: $1[2]) },
                reference: { i in Reference([2, 9], zip(i[0].values, i[1].values).map { $0 + i[2][0] * $1 }) }),
            OperatorCase(
                name: "addPositionalEmbedding", operators: ["addPositionalEmbedding"], inputs: [.init([2, 3, 5])], activations: [0],
                body: { $0.addPositionalEmbedding($1[0], $0.backend.tensor(table, [3, 5])) },
                reference: { i in Reference([2, 3, 5], i[0].values.enumerated().map { $1 + Double(table[$0 % 15]) }) }),
            OperatorCase(
                name: "columns and concatenate", operators: ["columns", "concatenate"], inputs: [.init([4, 11])], activations: [0],
                body: { tape, x in tape.concatenate(tape.columns(x[0], 2..<7), tape.columns(x[0], 5..<11)) },
                reference: { i in
                    Reference([4, 11], (0..<4).flatMap { r in [2, 3, 4, 5, 6, 5, 6, 7, 8, 9, 10].map { i[0][r * 11 + $0] } })
                }),
            OperatorCase(
                name: "reshape", operators: ["reshape"], inputs: [.init([4, 6])], activations: [0],
                body: { $0.reshape($1[0], [2, 3, 4]) }, reference: { Reference([2, 3, 4], $0[0].values) }),
            // What is dropped is a function of the seed: devices must agree.
            OperatorCase(
                name: "dropout", operators: ["dropout"], inputs: [.init([5, 67])], activations: [0],
                body: { $0.dropout($1[0], probability: 0.3) }),
        ]

    private static let table = (0..<15).map { Float($0) * 0.1 - 1 }

    static func pointwise(batch b: Int) -> [OperatorCase] {
        [
            OperatorCase(
                name: "learned scale", operators: ["addScaled"],
                inputs: [.init([b, 196, 384]), .init([b, 196, 384]), .vector(1, around: 1.4)], activations: [0, 1],
                body: { $0.addScaled($1[0], $1[1], scale: $1[2]) }),
            OperatorCase(
                name: "dropout", operators: ["dropout"], inputs: [.init([b, 196, 384])], activations: [0],
                body: { $0.dropout($1[0], probability: 0.1) }),
            OperatorCase(
                name: "GELU", operators: ["activate"], inputs: [.init([b, 196, 1536], scale: 3)], activations: [0],
                body: { $0.activate(.gelu, $1[0]) }),
            OperatorCase(
                name: "concatenation", operators: ["concatenate"], inputs: [.init([b, 56, 56, 96]), .init([b, 56, 56, 96])],
                activations: [0, 1], body: { $0.concatenate($1[0], $1[1]) }),
            OperatorCase(
                name: "columns", operators: ["columns"], inputs: [.init([b, 196, 1152])], activations: [0],
                body: { $0.columns($1[0], 384..<768) }),
            OperatorCase(
                name: "conversion", operators: ["convert", "reshape"], inputs: [.init([b, 196, 384])], activations: [0],
                body: { $0.reshape($0.convert($1[0], to: .float32), [b * 196, 384]) }),
            OperatorCase(
                name: "addition", operators: ["add"], inputs: [.init([b, 56, 56, 96]), .init([b, 56, 56, 96])], activations: [0, 1],
                body: { $0.add($1[0], $1[1]) }),
            OperatorCase(
                name: "position table", operators: ["addPositionalEmbedding"], inputs: [.init([b, 196, 384])], activations: [0],
                body: { $0.addPositionalEmbedding($1[0], $0.backend.zeros([196, 384])) }),
        ]
    }
}
