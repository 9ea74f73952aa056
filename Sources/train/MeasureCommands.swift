// What `train` does instead of training: --benchmark, --benchmark-text, --profile and --summary.
import CommandLineTool
import Files
import Foundation
import Networks
import Tensors
import Training

/// Does what was asked for; false where nothing of it was.
func measure(_ input: CommandInput) throws -> Bool {
    let asked = ["summary", "profile", "benchmark-text", "benchmark"].first { input.flag($0) }
    switch asked {
    case "summary": try summarise(input)
    case "profile": try profile(input)
    case "benchmark-text": try benchmarkText(input)
    case "benchmark": try benchmark(input)
    default: return false
    }
    return true
}

private func measuredBackend(_ input: CommandInput) throws -> CPUBackend {
    let threads = try input.integer("threads", in: 0...1024)
    return try CPUBackend(threads: threads == 0 ? ParallelMap.availableThreads : threads)
}

private func imageSize(_ input: CommandInput) throws -> Int {
    let size = try input.integer("image-size", in: 32...4096), multiple = SegmentationModel.sizeMultiple
    guard size % multiple == 0 else {
        throw CommandError(.usage, "--image-size is \(size); expected a multiple of \(multiple), such as \(size / multiple * multiple)")
    }
    return size
}

private func plan(_ input: CommandInput) throws -> StepBenchmark.Plan {
    StepBenchmark.Plan(
        steps: try input.integer("benchmark-steps", in: 1...10_000), batchSize: try input.integer("batch-size", in: 1...4096),
        imageSize: try imageSize(input), activations: try input.choice("precision", as: NumberFormat.self),
        forwardOnly: input.flag("forward-only"))
}

private func benchmark(_ input: CommandInput) throws {
    let result = try StepBenchmark.run(try plan(input), backend: try measuredBackend(input))
    if input.flag("json") { return input.print(result.json) }
    input.print("\(result.backend)")
    let rate = String(format: "%.2f", result.imagesPerSecond)
    input.print("batch \(result.plan.batchSize): \(rate) images/s, \(result.peakBytes >> 20) MiB in tensors at most")
}

private func benchmarkText(_ input: CommandInput) throws {
    let result = try TextBenchmark.run(
        passes: try input.integer("benchmark-steps", in: 1...10_000), batchSize: try input.integer("batch-size", in: 1...4096),
        activations: try input.choice("precision", as: NumberFormat.self), backend: try measuredBackend(input))
    if input.flag("json") { return input.print(result.json) }
    input.print("\(result.backend)")
    input.print("BERT base, \(result.batchSize) texts of \(result.tokens) tokens: \(String(format: "%.1f", result.textsPerSecond)) texts/s")
}

private func profile(_ input: CommandInput) throws {
    input.print(try StepProfile.run(try plan(input), backend: try measuredBackend(input)).table)
}

private func summarise(_ input: CommandInput) throws {
    var configuration = ModelConfiguration()
    configuration.dropout = Float(try input.number("dropout", in: 0...0.99))
    let model = SegmentationModel(
        configuration: configuration, backend: try measuredBackend(input), seed: 0, trains: false, initialises: false)
    let summary = ModelSummary(model, imageSize: try imageSize(input))
    input.print(input.flag("json") ? summary.json : summary.table)
}
