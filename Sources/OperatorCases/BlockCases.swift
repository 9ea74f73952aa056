// The linear pair around a GELU and the whole block of ConvNeXt around it.
import Foundation
import Tensors

extension OperatorCase {
    private static func pair(_ x: Reference, _ i: ArraySlice<Reference>) -> Reference {
        let p = Array(i), hidden = linear(x, p[0], p[1])
        return linear(Reference(hidden.shape, hidden.values.map { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }), p[2], p[3])
    }

    private static func weights(_ x: [Tensor], kernel: Int) -> ConvNeXtBlockWeights {
        ConvNeXtBlockWeights(
            depthwise: .init(weight: x[1], bias: x[2], kernel: kernel), norm: .init(gamma: x[3], beta: x[4], epsilon: 1e-6),
            expand: .init(weight: x[5], bias: x[6]), project: .init(weight: x[7], bias: x[8]), scale: x[9])
    }

    static let blocksSmall = [
        OperatorCase(
            name: "convNeXtBlock, the pair alone", operators: ["convNeXtBlock"],
            inputs: [.init([2, 5, 7]), .init([11, 7]), .init([11]), .init([6, 11]), .init([6])], activations: [0],
            body: {
                $0.convNeXtBlock(
                    $1[0], ConvNeXtBlockWeights(expand: .init(weight: $1[1], bias: $1[2]), project: .init(weight: $1[3], bias: $1[4])))
            }, reference: { pair($0[0], $0[1...4]) }),
        OperatorCase(
            name: "convNeXtBlock", operators: ["convNeXtBlock"],
            inputs: [
                .init([2, 4, 5, 7], scale: 2, around: 0.5), .init([9, 7]), .init([7]), .init([7], around: 1), .init([7]), .init([11, 7]),
                .init([11]), .init([7, 11]), .init([7]), .init([7], around: 0.5),
            ], activations: [0], body: { $0.convNeXtBlock($1[0], weights($1, kernel: 3)) },
            reference: { i in
                let x = i[0], taps = Reference([7, 3, 3, 1], (0..<63).map { i[1][$0 % 9 * 7 + $0 / 9] })
                let spread = ConvolutionWindow(input: x.shape, output: 7, kernel: 3, padding: 1, groups: 7).reference([x, taps, i[2]])
                var normal = spread
                for pixel in 0..<40 {
                    let values = spread.values[(pixel * 7)..<(pixel * 7 + 7)], mean = values.reduce(0, +) / 7
                    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 7 + 1e-6).squareRoot()
                    for c in 0..<7 { normal[pixel * 7 + c] = (spread[pixel * 7 + c] - mean) / deviation * i[3][c] + i[4][c] }
                }
                let z = pair(normal, i[5...8])
                return Reference(x.shape, x.values.indices.map { x[$0] + i[9][$0 % 7] * z[$0] })
            }),
    ]

    static func blocks(batch b: Int) -> [OperatorCase] {
        [(56, 96), (28, 192), (14, 384), (7, 768)].map { (size: Int, c: Int) -> OperatorCase in
            OperatorCase(
                name: "ConvNeXt block \(size)x\(size)x\(c)", operators: ["convNeXtBlock"],
                inputs: [
                    .init([b, size, size, c]), .init([49, c], scale: 0.14), .vector(c), .vector(c, around: 1), .vector(c),
                    .weight(4 * c, c),
                    .vector(4 * c), .weight(c, 4 * c), .vector(c), .vector(c, around: 1),
                ], activations: [0], slack: 2, body: { $0.convNeXtBlock($1[0], weights($1, kernel: 7)) })
        }
    }
}
