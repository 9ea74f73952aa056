// Operators on sequences [B,L,C]: attention, the scan and its convolution.
import Foundation
import Tensors

extension OperatorCase {
    package static func attention(_ inputs: [Reference], heads: Int, keep: (Int, Int) -> Bool = { _, _ in true }) -> Reference {
        let (q, k, v) = (inputs[0], inputs[1], inputs[2])
        let batch = q.shape[0], lq = q.shape[1], lk = k.shape[1], c = q.shape[2], d = c / heads
        var y = Reference(zeros: q.shape)
        for b in 0..<batch {
            for h in 0..<heads {
                for i in 0..<lq {
                    let scores = (0..<lk).map { j -> Double in
                        guard keep(b, j) else { return -.infinity }
                        return (0..<d).reduce(0) { $0 + q[(b * lq + i) * c + h * d + $1] * k[(b * lk + j) * c + h * d + $1] }
                            / Double(d).squareRoot()
                    }
                    let weights = scores.map { exp($0) }, total = weights.reduce(0, +)
                    for e in 0..<d {
                        y[(b * lq + i) * c + h * d + e] = (0..<lk).reduce(0) { $0 + weights[$1] / total * v[(b * lk + $1) * c + h * d + e] }
                    }
                }
            }
        }
        return y
    }

    private static let mask: [UInt8] = [1, 1, 0, 1, 0, 0]

    static let sequencesSmall: [OperatorCase] = [
        OperatorCase(
            name: "attention", operators: ["attention"], inputs: [.init([2, 5, 8]), .init([2, 3, 8]), .init([2, 3, 8])],
            activations: [0, 1, 2], body: { $0.attention($1[0], $1[1], $1[2], heads: 2) }, reference: { attention($0, heads: 2) }),
        OperatorCase(
            name: "attention with a mask", operators: ["attention"], inputs: [.init([2, 5, 8]), .init([2, 3, 8]), .init([2, 3, 8])],
            activations: [0, 1, 2],
            body: { $0.attention($1[0], $1[1], $1[2], heads: 2, mask: $0.backend.bytes(mask, [2, 3])) },
            reference: { attention($0, heads: 2) { mask[$0 * 3 + $1] != 0 } }),
        OperatorCase(
            name: "attention with dropout", operators: ["attention"], inputs: [.init([2, 5, 8]), .init([2, 3, 8]), .init([2, 3, 8])],
            activations: [0, 1, 2], body: { $0.attention($1[0], $1[1], $1[2], heads: 2, dropout: 0.3) }),
        OperatorCase(
            name: "convolution1D", operators: ["convolution1D"], inputs: [.init([2, 6, 9]), .init([4, 5])],
            body: { $0.convolution1D($1[0], columns: 3..<8, weight: $1[1], left: 1) },
            reference: { i in
                var y = Reference(zeros: [2, 6, 5])
                for at in 0..<60 {
                    let c = at % 5, l = at / 5 % 6, b = at / 30
                    for j in 0..<4 where (0..<6).contains(l + j - 1) { y[at] += i[1][j * 5 + c] * i[0][(b * 6 + l + j - 1) * 9 + 3 + c] }
                }
                return y
            }),
        OperatorCase(
            name: "softplus with bias", operators: ["softplus"], inputs: [.init([3, 8]), .init([8])],
            body: { $0.softplus($1[0], bias: $1[1]) },
            reference: { i in Reference([3, 8], (0..<24).map { log1p(exp(i[0][$0] + i[1][$0 % 8])) }) }),
        OperatorCase(
            name: "selectiveScan", operators: ["selectiveScan"],
            inputs: [.init([2, 7, 5]), .init([2, 7, 5], scale: 0.4, around: 0.5), .init([5, 3]), .init([5]), .init([2, 7, 9])],
            body: { $0.selectiveScan($1[0], step: $1[1], logA: $1[2], skip: $1[3], projections: $1[4], b: 2..<5, c: 6..<9) },
            reference: { i in
                var y = Reference(zeros: [2, 7, 5])
                for b in 0..<2 {
                    for e in 0..<5 {
                        var h = [0.0, 0, 0]
                        for row in (b * 7)..<(b * 7 + 7) {
                            let u = i[0][row * 5 + e], dt = i[1][row * 5 + e]
                            var sum = i[3][e] * u
                            for n in 0..<3 {
                                h[n] = exp(dt * -exp(i[2][e * 3 + n])) * h[n] + dt * i[4][row * 9 + 2 + n] * u
                                sum += h[n] * i[4][row * 9 + 6 + n]
                            }
                            y[row * 5 + e] = sum
                        }
                    }
                }
                return y
            }),
    ]

    static func sequences(batch b: Int) -> [OperatorCase] {
        [(784, 784, 48), (196, 196, 96), (49, 49, 192), (784, 9, 48), (196, 12, 96), (49, 24, 192)].map {
            (queries: Int, keys: Int, width: Int) -> OperatorCase in
            OperatorCase(
                name: "attention \(queries) x \(keys), 4 heads of \(width)", operators: ["attention"],
                inputs: [queries, keys, keys].map { .init([b, $0, 4 * width]) }, activations: [0, 1, 2], slack: 2,
                body: { $0.attention($1[0], $1[1], $1[2], heads: 4, dropout: 0.1) })
        } + [
            OperatorCase(
                name: "selective scan", operators: ["selectiveScan"],
                inputs: [
                    .init([b, 24, 384]), .init([b, 24, 384], scale: 0.1, around: 0.2), .init([384, 16], scale: 0.5, around: 1),
                    .vector(384, around: 1), .init([b, 24, 80]),
                ], body: { $0.selectiveScan($1[0], step: $1[1], logA: $1[2], skip: $1[3], projections: $1[4], b: 48..<64, c: 64..<80) }),
            OperatorCase(
                name: "convolution over positions", operators: ["convolution1D"], inputs: [.init([b, 24, 768]), .weight(4, 384)],
                body: { $0.convolution1D($1[0], columns: 384..<768, weight: $1[1], left: 1) }),
            OperatorCase(
                name: "softplus with bias", operators: ["softplus"], inputs: [.init([b, 24, 384], scale: 4), .vector(384)],
                body: { $0.softplus($1[0], bias: $1[1]) }),
        ]
    }
}
