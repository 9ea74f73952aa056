// The operators of the table (OperatorCases) timed one by one, on sizes of networks: `train benchmark --operators`. Not for where a step's
// time goes: that is StepProfile.
import Foundation
import OperatorCases
import Tensors

public struct OperatorBenchmark: Encodable, Sendable {
    public struct Row: Encodable, Sendable {
        public let name: String
        /// Milliseconds, the least of the repetitions: forward alone, and forward with all gradients.
        public let forward: Double, step: Double
    }

    public let backend: String, precision: String
    public let batchSize: Int
    public private(set) var rows: [Row] = []

    /// - Parameter prefix: what the names of the operators begin with.
    /// - Throws: what the device failed with.
    public static func run(
        _ prefix: String, format: NumberFormat, batch: Int, repetitions: Int, backend: any Backend
    ) throws(TrainingError) -> OperatorBenchmark {
        var result = OperatorBenchmark(backend: backend.summary, precision: format.rawValue, batchSize: batch)
        for operation in OperatorCase.networkSizes(batch: batch) where operation.name.hasPrefix(prefix) {
            result.rows.append(time(operation, format, repetitions: repetitions, on: backend))
            try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
        }
        return result
    }

    /// What names begin with, in the table's order.
    public static func names() -> [String] { OperatorCase.networkSizes(batch: 1).map(\.name) }

    private static func time(_ operation: OperatorCase, _ format: NumberFormat, repetitions: Int, on backend: any Backend) -> Row {
        var random = CaseNumbers(seed: 7)
        let inputs = operation.inputs.enumerated().map { index, input in
            let values = backend.tensor(random.values(input.count, scale: Float(input.scale), around: Float(input.centre)), [input.count])
            let flat = backend.empty([input.count], format: operation.activations.contains(index) ? format : .float32)
            backend.convert(values, into: flat)
            return flat.parameterView(input.shape, at: 0, gradients: backend.zeros([input.count], format: flat.format))
        }
        func best(_ body: () -> Void) -> Double {
            (0...repetitions).map { _ in
                let start = DispatchTime.now().uptimeNanoseconds
                body()
                backend.synchronise()
                return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-6
            }.dropFirst().min() ?? 0
        }
        let forward = best {
            let tape = Tape(backend: backend, mode: operation.mode, activations: format, dropoutSeed: 11)
            _ = operation.body(tape, inputs)
            tape.discard()
        }
        let step = best {
            let tape = Tape(backend: backend, mode: operation.mode, activations: format, dropoutSeed: 11)
            let y = operation.body(tape, inputs)
            let gradient = backend.empty(y.shape, format: y.format)
            backend.fill(gradient, 0.5)
            tape.start(gradient, at: y)
            tape.backward()
        }
        return Row(name: operation.name, forward: forward, step: step)
    }

    public var table: String {
        let width = rows.map(\.name.count).max() ?? 0
        return
            ([backend + ", \(precision), batch \(batchSize)"]
            + rows.map { row in
                row.name.padding(toLength: width, withPad: " ", startingAt: 0)
                    + String(format: "  forward %8.2f ms, with gradients %8.2f ms", row.forward, row.step)
            }).joined(separator: "\n")
    }

    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
