// Linear maps, norms and tables: operators on rows of channels.
import Foundation
import Tensors

extension OperatorCase {
    package static func linear(_ x: Reference, _ w: Reference, _ b: Reference?) -> Reference {
        let input = w.values.count / w.shape[0], output = w.shape[0], rows = x.values.count / input
        var y = Reference(zeros: [rows, output])
        for r in 0..<rows {
            for o in 0..<output {
                var sum = b?[o] ?? 0
                for i in 0..<input { sum += x[r * input + i] * w[o * input + i] }
                y[r * output + o] = sum
            }
        }
        return y
    }

    private static func norm(_ values: [Double], epsilon: Double) -> [Double] {
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        return values.map { ($0 - mean) / (variance + epsilon).squareRoot() }
    }

    private static func batchNorm(slope: Double, mode: Mode) -> OperatorCase {
        let channels = 7, rows = 30
        let mean = (0..<channels).map { 0.1 * Double($0) - 0.3 }, variance = (0..<channels).map { 0.5 + 0.2 * Double($0) }
        return OperatorCase(
            name: "batchNorm, slope \(slope), \(mode.statistics == .batch ? "statistics of the batch" : "running statistics")",
            operators: ["batchNorm"],
            inputs: [.init([2, 3, 5, channels]), .init([channels]), .init([channels], around: 1), .init([channels])], activations: [0],
            mode: mode,
            body: { tape, x in
                tape.batchNorm(
                    x[0], offset: x[1], gamma: x[2], beta: x[3], runningMean: tape.backend.tensor(mean.map(Float.init), [channels]),
                    runningVariance: tape.backend.tensor(variance.map(Float.init), [channels]), slope: Float(slope))
            },
            reference: { i in
                var y = i[0]
                for c in 0..<channels {
                    let column = (0..<rows).map { i[0][$0 * channels + c] + i[1][c] }
                    let normal =
                        mode.statistics == .batch
                        ? norm(column, epsilon: 1e-5) : column.map { ($0 - mean[c]) / (variance[c] + 1e-5).squareRoot() }
                    for r in 0..<rows {
                        let value = normal[r] * i[2][c] + i[3][c]
                        y[r * channels + c] = value > 0 ? value : slope * value
                    }
                }
                return y
            })
    }

    static let rowsSmall: [OperatorCase] =
        [
            OperatorCase(
                name: "linear", operators: ["linear"], inputs: [.init([2, 5, 7]), .init([3, 7]), .init([3])], activations: [0],
                body: { $0.linear($1[0], weight: $1[1], bias: $1[2]) }, reference: { linear($0[0], $0[1], $0[2]) }),
            OperatorCase(
                name: "linear, rows of a packed parameter", operators: ["linear"], inputs: [.init([4, 6]), .init([9, 6]), .init([9])],
                activations: [0], body: { $0.linear($1[0], weight: $1[1].parameterRows(3..<6), bias: $1[2].parameterRows(3..<6)) },
                reference: {
                    linear($0[0], Reference([3, 6], Array($0[1].values[18..<36])), Reference([3], Array($0[2].values[3..<6])))
                }),
            OperatorCase(
                name: "sequenceLinear", operators: ["sequenceLinear"], inputs: [.init([2, 6, 5]), .init([3, 6])],
                body: { $0.sequenceLinear($1[0], weight: $1[1]) },
                reference: { i in
                    var y = Reference(zeros: [2, 3, 5])
                    for n in 0..<30 {
                        let b = n / 15, t = n / 5 % 3, c = n % 5
                        y[n] = (0..<6).reduce(0) { $0 + i[1][t * 6 + $1] * i[0][(b * 6 + $1) * 5 + c] }
                    }
                    return y
                }),
            OperatorCase(
                name: "gatherRows", operators: ["gatherRows"], inputs: [.init([4, 300])], activations: [0],
                body: { tape, x in
                    // The table is a constant; what is gathered is added to an input, whose gradient passes by.
                    let table = tape.convert(tape.backend.tensor((0..<1500).map { Float($0 % 251) / 128 }, [5, 300]), to: x[0].format)
                    return tape.add(x[0], tape.gatherRows(table, tape.backend.rowNumbers([3, 0, 3, 4])))
                },
                reference: { i in
                    Reference(
                        [4, 300], i[0].values.enumerated().map { $1 + Double(([3, 0, 3, 4][$0 / 300] * 300 + $0 % 300) % 251) / 128 })
                }),
        ]
        + [5, 96].map { (channels: Int) -> OperatorCase in
            OperatorCase(
                name: "layerNorm of \(channels)", operators: ["layerNorm"],
                inputs: [.init([7, channels]), .init([channels], around: 1), .init([channels])], activations: [0],
                body: { $0.layerNorm($1[0], gamma: $1[1], beta: $1[2], epsilon: 1e-5) },
                reference: { i in
                    var y = i[0]
                    for r in 0..<7 {
                        let row = norm(Array(i[0].values[(r * channels)..<((r + 1) * channels)]), epsilon: 1e-5)
                        for c in 0..<channels { y[r * channels + c] = row[c] * i[1][c] + i[2][c] }
                    }
                    return y
                })
        } + [(1, Mode.training), (0.01, .training), (1, .explanation), (0.01, .explanation)].map { batchNorm(slope: $0, mode: $1) }

    static func rows(batch b: Int) -> [OperatorCase] {
        [
            OperatorCase(
                name: "linear 384->1152 at 196", operators: ["linear"],
                inputs: [.init([b, 196, 384]), .weight(1152, 384), .vector(1152)], activations: [0],
                body: { $0.linear($1[0], weight: $1[1], bias: $1[2]) }),
            OperatorCase(
                name: "linear over positions 24->12 of 768", operators: ["sequenceLinear"],
                inputs: [.init([b, 24, 768]), .weight(12, 24)],
                body: { $0.sequenceLinear($1[0], weight: $1[1]) }),
            OperatorCase(
                name: "linear over positions 24->12 of 768 with bias", operators: ["sequenceLinear"],
                inputs: [.init([b, 24, 768]), .weight(12, 24), .vector(12)],
                body: { $0.sequenceLinear($1[0], weight: $1[1], bias: $1[2]) }),
            OperatorCase(
                name: "layer norm of 192 at 784", operators: ["layerNorm"],
                inputs: [.init([b, 784, 192]), .vector(192, around: 1), .vector(192)], activations: [0],
                body: { $0.layerNorm($1[0], gamma: $1[1], beta: $1[2], epsilon: 1e-5) }),
            OperatorCase(
                name: "layer norm of 48 at 3136", operators: ["layerNorm"],
                inputs: [.init([b * 3136, 48]), .vector(48, around: 1), .vector(48)],
                activations: [0], body: { $0.layerNorm($1[0], gamma: $1[1], beta: $1[2], epsilon: 1e-5) }),
            OperatorCase(
                name: "batch norm of 96 at 56x56", operators: ["batchNorm"],
                inputs: [.init([b, 56, 56, 96], around: 0.5), .vector(96, around: 1), .vector(96)], activations: [0],
                body: {
                    $0.batchNorm(
                        $1[0], gamma: $1[1], beta: $1[2], runningMean: $0.backend.zeros([96]), runningVariance: $0.backend.zeros([96]),
                        slope: 0.01)
                }),
            OperatorCase(
                name: "row gathers", operators: ["gatherRows"], inputs: [.init([b * 24, 768])], activations: [0],
                body: { tape, x in
                    let table = tape.convert(
                        tape.backend.tensor((0..<(768 * 50)).map { Float($0 % 251) / 128 }, [50, 768]), to: x[0].format)
                    return tape.add(
                        x[0], tape.gatherRows(table, tape.backend.rowNumbers((0..<(x[0].rows)).map { Int32($0 * 7 % 50) })))
                }),
        ]
    }
}
