// The commands of `train` besides training: devices, summary, benchmark, profile, check. Each has only the options that it needs.
import CommandLineTool
import DeviceOptions
import Files
import Foundation
import ModelOptions
import Networks
import Tensors
import Training

let devicesCommand = Command(
    name: "devices", summary: "Lists the devices and libraries that were found, and what is missing.", examples: ["train devices"]
) { input in input.printLines(DeviceList.text()) }

let summaryCommand = Command(
    name: "summary", summary: "Parameters and arithmetic of a network, module by module.",
    options: ModelChoice.all + [Measuring.imageSize, DeviceOptions.threads, Measuring.json],
    examples: ["train summary", "train summary --model-option mixer=linear --json"]
) { input in
    let specification = try ModelChoice.specification(input), size = try Measuring.imageSize(input)
    let backend = try CPUBackend(threads: try DeviceOptions.threads(input))
    let summary = try TrainingError.wrapping { () throws(NetworkError) in
        let model = try ModelZoo.model(specification, ModelSetup(backend: backend, trains: false, initialises: false))
        return try ModelSummary(model, imageSize: size)
    }
    if input.flag("json") { input.printJSON(summary.json) } else { input.printLines(summary.table) }
}

let benchmarkCommand = Command(
    name: "benchmark", summary: "Times training steps on synthetic data, the text encoder, or operators.",
    options: Measuring.steps(besides: ["operators"]) + [
        Option.value("operators", "TEXT", "operators whose names begin with TEXT, such as convolution, in place of training steps")
            .counting(.without(["text"]))
    ] + Measuring.device + [Measuring.json],
    examples: ["train benchmark --batch-size 8 --precision bf16", "train benchmark --text --json"]
) { input in
    let backend = try Measuring.backend(input)
    if let prefix = input.optionalString("operators") {
        let result = try OperatorBenchmark.run(
            prefix, format: try Measuring.precision(input), batch: try Measuring.batchSize(input), repetitions: try Measuring.count(input),
            backend: backend)
        guard !result.rows.isEmpty else {
            throw CommandError(
                .usage,
                "--operators \(prefix): no operator's name begins with this; the operators are "
                    + "" + OperatorBenchmark.names().joined(separator: "; "))
        }
        return input.flag("json") ? input.printJSON(result.json) : input.printLines(result.table)
    }
    if input.flag("text") {
        let result = try TextBenchmark.run(
            passes: try Measuring.count(input), batchSize: try Measuring.batchSize(input), activations: try Measuring.precision(input),
            backend: backend)
        if input.flag("json") { return input.printJSON(result.json) }
        input.print("\(result.backend)")
        input.print(
            "BERT base, \(result.batchSize) texts of \(result.tokens) tokens: \(String(format: "%.1f", result.textsPerSecond)) texts/s")
        return
    }
    let result = try StepBenchmark.run(try Measuring.plan(input), backend: backend)
    if input.flag("json") { return input.printJSON(result.json) }
    input.print("\(result.backend)")
    let rate = String(format: "%.2f", result.imagesPerSecond)
    input.print("batch \(result.plan.batchSize): \(rate) images/s, \(result.peakBytes >> 20) MiB in tensors at most")
}

let profileCommand = Command(
    name: "profile",
    summary: "Prints the time of each operator in a training step or the text encoder, and this machine's peak rates.",
    options: Measuring.steps() + Measuring.device, examples: ["train profile --batch-size 8", "train profile --text"]
) { input in
    let backend = try Measuring.backend(input)
    guard input.flag("text") else { return input.printLines(try StepProfile.run(try Measuring.plan(input), backend: backend).table) }
    let profile = try StepProfile.run(
        passes: try Measuring.count(input), texts: try Measuring.batchSize(input), activations: try Measuring.precision(input),
        backend: backend)
    input.printLines(profile.table)
}

let checkCommand = Command(
    name: "check", summary: "Compares a device with this machine's CPU: every operator, then three training steps.",
    options: ModelChoice.all + [Measuring.imageSize] + Measuring.device, examples: ["train check --device cuda --precision bf16"]
) { input in
    let device = try Measuring.backend(input), cpu = try CPUBackend(threads: try DeviceOptions.threads(input))
    input.print(device.summary)
    input.print("compared with \(cpu.summary)")
    let format = try Measuring.precision(input), size = try Measuring.imageSize(input), model = try ModelChoice.specification(input)
    let rows = try ParityCheck(device: device, cpu: cpu).rows(format, imageSize: size, model: model) { row in
        let name = row.name.padding(toLength: 48, withPad: " ", startingAt: 0)
        input.print("\(name) \(String(format: "%.1e of %.1e", row.difference, row.tolerance))  \(row.isGood ? "good" : "BAD")")
    }
    let bad = rows.filter { !$0.isGood }.count
    guard bad == 0 else { throw CommandError(.data, "\(bad) of \(rows.count) comparisons in \(format.rawValue) are out of tolerance") }
    input.print("all \(rows.count) comparisons in \(format.rawValue) are within tolerance")
}

/// Options that these commands share, and their values.
private enum Measuring {
    static let imageSize = Option.value("image-size", "N", default: "224", "height and width of the images")
    static let json = Option.flag("json", "print the result as JSON")
    /// What is timed; `others` are options that ask for something else than training steps.
    static func steps(besides others: [String] = []) -> [Option] {
        let ofSteps = Effect.without(["text"] + others)
        return ModelChoice.all.map { $0.counting(ofSteps) } + [
            .flag("text", "the text encoder, BERT base, on texts of 24 tokens, in place of training steps"),
            Option.flag("forward-only", "the forward pass alone").counting(ofSteps),
            .value("batch-size", "N", default: "32", "images, or texts, per step"), imageSize.counting(ofSteps),
            .value("steps", "N", default: "5", "steps to time, after the warm-up steps"),
        ]
    }
    static let device = [
        DeviceOptions.threads, DeviceOptions.device,
        .choice(
            "precision", NumberFormat.allCases.map(\.rawValue), default: "fp32", "bf16: activations in bf16, weights and sums in float32"),
        Option.flag("tf32", "on a GPU: float32 products on tensor cores, with 10 bits of mantissa")
            .counting(.all([.valueNot("device", ["cpu"]), .value("precision", [NumberFormat.float32.rawValue])])),
        .flag("deterministic", "on a GPU: two runs give the same bits; on the CPU they always do"),
    ]

    static func precision(_ input: CommandInput) throws -> NumberFormat { try input.choice("precision", as: NumberFormat.self) }
    static func batchSize(_ input: CommandInput) throws -> Int { try input.integer("batch-size", in: 1...4096) }
    static func count(_ input: CommandInput) throws -> Int { try input.integer("steps", in: 1...10_000) }
    static func backend(_ input: CommandInput) throws -> any Backend { try trainingBackend(input, precision(input)) }

    static func imageSize(_ input: CommandInput) throws -> Int {
        let size = try input.integer("image-size", in: 32...4096),
            multiple = try ModelChoice.descriptor(input).image(try ModelChoice.specification(input)).multiple
        guard size % multiple == 0 else {
            throw CommandError(
                .usage, "--image-size is \(size); expected a multiple of \(multiple), such as \(max(1, size / multiple) * multiple)")
        }
        return size
    }

    static func plan(_ input: CommandInput) throws -> StepBenchmark.Plan {
        StepBenchmark.Plan(
            steps: try count(input), batchSize: try batchSize(input), imageSize: try imageSize(input),
            model: try ModelChoice.specification(input),
            activations: try precision(input), forwardOnly: input.flag("forward-only"))
    }
}

/// The device that the user requested for training or measuring.
func trainingBackend(_ input: CommandInput, _ precision: NumberFormat, explainsCPU: Bool = false) throws -> any Backend {
    let backend = try DeviceOptions.backend(
        input, precision, allowsTF32: input.flag("tf32"), isDeterministic: input.flag("deterministic"), explainsCPU: explainsCPU)
    if input.flag("tf32"), backend is CPUBackend {
        throw CommandError(
            .usage, "--tf32 has no effect here: it is for GPUs, but this run uses the CPU; leave it out, or name a GPU with --device cuda")
    }
    return backend
}
