// Times the text encoder on synthetic tokens: BERT base, as `train --text-encoder` runs it over the captions of a dataset. For
// Benchmarks/train.sh.
import Foundation
import Networks
import Randomness
import Tensors

public struct TextBenchmark: Sendable {
    public let batchSize: Int, tokens: Int
    /// Wall seconds of each timed pass, without the first one, which allocates and plans.
    public let secondsPerPass: [Double]
    public let activations: NumberFormat
    public let backend: String

    /// Computed from the median pass.
    public var textsPerSecond: Double { Double(batchSize) / secondsPerPass.sorted()[secondsPerPass.count / 2] }

    public static func run(
        passes: Int, batchSize: Int, tokens: Int = 24, activations: NumberFormat, backend: any Backend, afterWarmUp: () -> Void = {}
    ) throws(TrainingError) -> TextBenchmark {
        let base = TextEncoderConfiguration(vocabularySize: 30522, hiddenSize: 768, layers: 12, heads: 12, intermediateSize: 3072)
        let encoder = TextEncoder(configuration: base, backend: backend, activations: activations)
        let ids = (0..<(batchSize * tokens)).map { Int32(SplitMix64.hash(UInt64($0)) % UInt64(base.vocabularySize)) }
        var seconds: [Double] = []
        for pass in 0...passes {
            let start = ProcessInfo.processInfo.systemUptime
            _ = encoder.features(ids: ids, attention: [UInt8](repeating: 1, count: ids.count), batch: batchSize)
            try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
            if pass > 0 { seconds.append(ProcessInfo.processInfo.systemUptime - start) } else { afterWarmUp() }
        }
        return TextBenchmark(
            batchSize: batchSize, tokens: tokens, secondsPerPass: seconds, activations: activations, backend: backend.summary)
    }

    /// One line of JSON, with the keys that Benchmarks/train/rows.py reads.
    public var json: String {
        let seconds = secondsPerPass.map { String(format: "%.4f", $0) }.joined(separator: ", ")
        return """
            {"textsPerSecond": \(String(format: "%.2f", textsPerSecond)), "batchSize": \(batchSize), "tokens": \(tokens), \
            "secondsPerPass": [\(seconds)], "precision": "\(activations.rawValue)", "backend": "\(backend)"}
            """
    }
}
