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
    let asked = ["devices", "check-parity", "summary", "profile", "benchmark-text", "benchmark"].first { input.flag($0) }
    switch asked {
    case "devices": input.print(DeviceList.text())
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
func trainingBackend(_ input: CommandInput, _ precision: NumberFormat) throws -> any Backend {
    try DeviceOptions.backend(input, precision, allowsTF32: input.flag("tf32"), isDeterministic: input.flag("deterministic"))
}

private func measuredBackend(_ input: CommandInput) throws -> any Backend {
    try trainingBackend(input, input.choice("precision", as: NumberFormat.self))
}

private func imageSize(_ input: CommandInput) throws -> Int {
    let size = try input.integer("image-size", in: 32...4096), multiple = try ModelChoice.descriptor(input).image.multiple
    guard size % multiple == 0 else {
        throw CommandError(.usage, "--image-size is \(size); expected a multiple of \(multiple), such as \(size / multiple * multiple)")
    }
    return size
}

private func plan(_ input: CommandInput) throws -> StepBenchmark.Plan {
    StepBenchmark.Plan(
        steps: try input.integer("benchmark-steps", in: 1...10_000), batchSize: try input.integer("batch-size", in: 1...4096),
        imageSize: try imageSize(input), model: try ModelChoice.specification(input), activations: try input.choice("precision", as: NumberFormat.self),
        forwardOnly: input.flag("forward-only"))
}

/// Holds the device against this machine's CPU and prints a line a comparison.
private func checkParity(_ input: CommandInput) throws {
    let device = try measuredBackend(input)
    let cpu = try CPUBackend(threads: try DeviceOptions.threads(input))
    input.print(device.summary)
    input.print("held against \(cpu.summary)")
    let format = try input.choice("precision", as: NumberFormat.self), size = try imageSize(input), model = try ModelChoice.specification(input)
    let rows = try ParityCheck(device: device, cpu: cpu).rows(format, imageSize: size, model: model) { row in
        let name = row.name.padding(toLength: 48, withPad: " ", startingAt: 0)
        input.print("\(name) \(String(format: "%.1e of %.1e", row.difference, row.tolerance))  \(row.isGood ? "good" : "BAD")")
    }
    let bad = rows.filter { !$0.isGood }.count
    guard bad == 0 else { throw CommandError(.badSamples, "\(bad) of \(rows.count) comparisons in \(format.rawValue) are out of tolerance") }
    input.print("all \(rows.count) comparisons in \(format.rawValue) are within tolerance")
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
    guard input.flag("benchmark-text") else {
        return input.print(try StepProfile.run(try plan(input), backend: try measuredBackend(input)).table)
    }
    let profile = try StepProfile.run(
        passes: try input.integer("benchmark-steps", in: 1...10_000), texts: try input.integer("batch-size", in: 1...4096),
        activations: try input.choice("precision", as: NumberFormat.self), backend: try measuredBackend(input))
    input.print(profile.table)
}

private func summarise(_ input: CommandInput) throws {
    let specification = try ModelChoice.specification(input), size = try imageSize(input)
    let backend = try CPUBackend(threads: try DeviceOptions.threads(input))
    let summary = try TrainingError.wrapping { () throws(NetworkError) in
        let model = try ModelZoo.model(specification, ModelSetup(backend: backend, trains: false, initialises: false))
        return try ModelSummary(model, imageSize: size)
    }
    input.print(input.flag("json") ? summary.json : summary.table)
}
