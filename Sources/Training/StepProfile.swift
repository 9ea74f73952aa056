// Where the time of a training step goes, operator by operator, beside what the machine can do: the rate of a large matrix product and of a long copy,
// measured in the same run. Not for real data: the step is StepBenchmark's.
import Foundation
import Networks
import Tensors

public struct StepProfile: Sendable {
    public let benchmark: StepBenchmark
    public let profile: OperatorProfile
    /// Multiplications and additions a second of a large product in the step's number format, and bytes a second of a scaled copy in float32.
    public let peakOperations: Double
    public let peakBytes: Double

    public static func run(_ plan: StepBenchmark.Plan, backend: any Backend) throws(TrainingError) -> StepProfile {
        let operations = MachinePeak.operations(plan.activations, backend, size: 2048, rounds: 5), bytes = MachinePeak.bytes(backend)
        let profiled = ProfiledBackend(backend)
        let benchmark = try StepBenchmark.run(plan, backend: profiled) { profiled.reset() }
        return StepProfile(benchmark: benchmark, profile: profiled.profile, peakOperations: operations, peakBytes: bytes)
    }

    /// One line an operator, the most expensive first; shares are of the time inside operators.
    public var table: String {
        let steps = Double(benchmark.secondsPerStep.count), total = profile.seconds
        let wall = benchmark.secondsPerStep.reduce(0, +)
        var lines = [
            "\(benchmark.backend), \(benchmark.plan.activations.rawValue), batch \(benchmark.plan.batchSize)\(benchmark.plan.forwardOnly ? ", forward only" : "")",
            String(
                format: "%.1f ms a step, %.2f images/s; %.0f%% inside operators; %.0f GFLOP a step at %.0f GFLOP/s, %.0f%% of this machine's %.0f",
                wall / steps * 1e3, Double(benchmark.plan.batchSize) * steps / wall, 100 * total / wall, profile.operations / steps * 1e-9,
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
                    entry.operations > 0 ? String(format: "%.0f %%", 100 * rate / peakOperations) : "", String(format: "%.1f", traffic * 1e-9),
                    String(format: "%.0f %%", 100 * traffic / peakBytes)))
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ name: String, _ columns: String...) -> String {
        name.padding(toLength: 32, withPad: " ", startingAt: 0)
            + columns.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }.joined()
    }
}
