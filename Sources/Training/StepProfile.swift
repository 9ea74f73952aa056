// The time of a training step, or of a pass of the text encoder, per operator, compared with the machine's peak: the rates of a large
// matrix product and of a long copy, measured in the same run. Uses synthetic data (StepBenchmark and TextBenchmark).
import Foundation
import Networks
import Tensors

public struct StepProfile: Sendable {
    /// The backend and the measured work.
    let heading: String
    /// The unit of a step's input, such as images, and its number per step.
    let unit: String, count: Int
    let secondsPerStep: [Double]
    public let profile: OperatorProfile
    /// Multiplications and additions per second of a large product in the step's number format, and bytes per second of a scaled copy in
    /// float32.
    public let peakOperations: Double
    public let peakBytes: Double

    /// Training steps, or the forward pass alone.
    public static func run(_ plan: StepBenchmark.Plan, backend: any Backend) throws(TrainingError) -> StepProfile {
        let (operations, bytes) = peaks(plan.activations, backend)
        let (benchmark, profile) = try backend.measuring { (measurement) throws(TrainingError) in
            try StepBenchmark.run(plan, backend: backend) { measurement.reset() }
        }
        return StepProfile(
            heading:
                "\(benchmark.backend), \(plan.activations.rawValue), batch \(plan.batchSize)\(plan.forwardOnly ? ", forward only" : "")",
            unit: "images", count: plan.batchSize, secondsPerStep: benchmark.secondsPerStep, profile: profile,
            peakOperations: operations,
            peakBytes: bytes)
    }

    /// Passes of the text encoder, BERT base.
    public static func run(
        passes: Int, texts: Int, activations: NumberFormat, backend: any Backend
    ) throws(TrainingError) -> StepProfile {
        let (operations, bytes) = peaks(activations, backend)
        let (benchmark, profile) = try backend.measuring { (measurement) throws(TrainingError) in
            try TextBenchmark.run(passes: passes, batchSize: texts, activations: activations, backend: backend) { measurement.reset() }
        }
        return StepProfile(
            heading: "\(benchmark.backend), \(activations.rawValue), BERT base, \(texts) texts of \(benchmark.tokens) tokens",
            unit: "texts", count: texts, secondsPerStep: benchmark.secondsPerPass, profile: profile, peakOperations: operations,
            peakBytes: bytes)
    }

    private static func peaks(_ format: NumberFormat, _ backend: any Backend) -> (operations: Double, bytes: Double) {
        (MachinePeak.operations(format, backend, size: 2048, rounds: 5), MachinePeak.bytes(backend))
    }

    /// One line per operator, the most expensive first; shares are of the time inside operators.
    public var table: String {
        let steps = Double(secondsPerStep.count), total = profile.seconds
        let wall = secondsPerStep.reduce(0, +)
        var lines = [
            heading,
            String(
                format:
                    "%.1f ms a step, %.2f \(unit)/s; %.0f%% inside operators; %.0f GFLOP a step at %.0f GFLOP/s, %.0f%% of this "
                    + "machine's %.0f",
                wall / steps * 1e3, Double(count) * steps / wall, 100 * total / wall, profile.operations / steps * 1e-9,
                profile.operations / wall * 1e-9, 100 * profile.operations / wall / peakOperations, peakOperations * 1e-9),
            String(format: "a large product reaches %.0f GFLOP/s here, a long copy %.1f GB/s", peakOperations * 1e-9, peakBytes * 1e-9),
            Self.row("operator", "calls", "ms", "share", "GFLOP/s", "of peak", "GB/s", "of copy"),
        ]
        for entry in profile.entries {
            let rate = entry.operations / entry.seconds, traffic = entry.bytes / entry.seconds
            lines.append(
                Self.row(
                    entry.name, "\(Int((Double(entry.calls) / steps).rounded()))", String(format: "%.2f", entry.seconds / steps * 1e3),
                    String(format: "%.1f %%", 100 * entry.seconds / total), entry.operations > 0 ? String(format: "%.0f", rate * 1e-9) : "",
                    entry.operations > 0 ? String(format: "%.0f %%", 100 * rate / peakOperations) : "",
                    String(format: "%.1f", traffic * 1e-9),
                    String(format: "%.0f %%", 100 * traffic / peakBytes)))
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ name: String, _ columns: String...) -> String {
        name.padding(toLength: 32, withPad: " ", startingAt: 0)
            + columns.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }.joined()
    }
}
