// What `train` does instead of training: --benchmark, --benchmark-text, --profile and --summary.
import CommandLineTool
import DeviceOptions
import Files
import Foundation
import Networks
import Tensors
import Training

/// Does what was asked for; false where nothing of it was.
func measure(_ input: CommandInput) throws -> Bool {
    let given = measures.filter { input.flag($0) }
    // --profile has two forms.
    guard given.count < 2 || given == ["profile", "benchmark-text"] else {
        throw CommandError(.usage, "\(given.map { "--\($0)" }.joined(separator: " and ")) exclude each other; give one of them")
    }
    switch given.first {
    case "devices": input.printLines(DeviceList.text())
    case "check-parity": try checkParity(input)
    case "summary": try summarise(input)
    case "profile": try profile(input)
    case "benchmark-text": try benchmarkText(input)
    case "benchmark": try benchmark(input)
    default: return false
    }
    return true
}

/// The device that training or measuring is asked to use.
func trainingBackend(_ input: CommandInput, _ precision: NumberFormat, explainsCPU: Bool = false) throws -> any Backend {
    let backend = try DeviceOptions.backend(
        input, precision, allowsTF32: input.flag("tf32"), isDeterministic: input.flag("deterministic"), explainsCPU: explainsCPU)
    if input.flag("tf32"), backend is CPUBackend {
        throw CommandError(.usage, "--tf32 has no effect here: it is a GPU's, and the CPU computes; leave it out, or name a GPU with --device cuda")
    }
    return backend
}

private func measuredBackend(_ input: CommandInput) throws -> any Backend {
    try trainingBackend(input, input.choice("precision", as: NumberFormat.self))
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

/// Holds the device against this machine's CPU and prints a line a comparison.
private func checkParity(_ input: CommandInput) throws {
    let device = try measuredBackend(input)
    let cpu = try CPUBackend(threads: try DeviceOptions.threads(input))
    input.print(device.summary)
    input.print("held against \(cpu.summary)")
    let format = try input.choice("precision", as: NumberFormat.self), size = try imageSize(input)
    let rows = try ParityCheck(device: device, cpu: cpu).rows(format, imageSize: size) { row in
        let name = row.name.padding(toLength: 48, withPad: " ", startingAt: 0)
        input.print("\(name) \(String(format: "%.1e of %.1e", row.difference, row.tolerance))  \(row.isGood ? "good" : "BAD")")
    }
    let bad = rows.filter { !$0.isGood }.count
    guard bad == 0 else { throw CommandError(.badSamples, "\(bad) of \(rows.count) comparisons in \(format.rawValue) are out of tolerance") }
    input.print("all \(rows.count) comparisons in \(format.rawValue) are within tolerance")
}

private func benchmark(_ input: CommandInput) throws {
    let result = try StepBenchmark.run(try plan(input), backend: try measuredBackend(input))
    if input.flag("json") { return input.printJSON(result.json) }
    input.print("\(result.backend)")
    let rate = String(format: "%.2f", result.imagesPerSecond)
    input.print("batch \(result.plan.batchSize): \(rate) images/s, \(result.peakBytes >> 20) MiB in tensors at most")
}

private func benchmarkText(_ input: CommandInput) throws {
    let result = try TextBenchmark.run(
        passes: try input.integer("benchmark-steps", in: 1...10_000), batchSize: try input.integer("batch-size", in: 1...4096),
        activations: try input.choice("precision", as: NumberFormat.self), backend: try measuredBackend(input))
    if input.flag("json") { return input.printJSON(result.json) }
    input.print("\(result.backend)")
    input.print("BERT base, \(result.batchSize) texts of \(result.tokens) tokens: \(String(format: "%.1f", result.textsPerSecond)) texts/s")
}

private func profile(_ input: CommandInput) throws {
    guard input.flag("benchmark-text") else {
        return input.printLines(try StepProfile.run(try plan(input), backend: try measuredBackend(input)).table)
    }
    let profile = try StepProfile.run(
        passes: try input.integer("benchmark-steps", in: 1...10_000), texts: try input.integer("batch-size", in: 1...4096),
        activations: try input.choice("precision", as: NumberFormat.self), backend: try measuredBackend(input))
    input.printLines(profile.table)
}

private func summarise(_ input: CommandInput) throws {
    var configuration = ModelConfiguration()
    configuration.dropout = Float(try input.number("dropout", in: 0...0.99))
    let model = SegmentationModel(
        configuration: configuration, backend: try CPUBackend(threads: try DeviceOptions.threads(input)), seed: 0, trains: false, initialises: false)
    let summary = ModelSummary(model, imageSize: try imageSize(input))
    if input.flag("json") { input.printJSON(summary.json) } else { input.printLines(summary.table) }
}
