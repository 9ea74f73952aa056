// Options that several commands share: checkpoint, text encoder, threads, threshold and calibration, uncertainty, resamples.
import CommandLineTool
import DeviceOptions
import Files
import Foundation
import Segmenting
import Tensors
import Training

let checkpointOptions: [Option] = [
    .value("run", "DIR", "a run's folder; its best.safetensors is used"),
    .value("checkpoint", "FILE", "a checkpoint, in place of --run"),
    .value("text-encoder", "DIR", "the text encoder's folder (default: the one recorded in the checkpoint)"),
    .choice("precision", NumberFormat.allCases.map(\.rawValue), default: "fp32", "bf16: faster, probabilities differ in the third digit"),
    DeviceOptions.threads,
    DeviceOptions.device,
]

/// Exactly one of these options names the checkpoint.
let checkpointChoice = ["run", "checkpoint"]

/// Declares the files that all commands read, so that no output replaces them.
func planModel(_ input: CommandInput, in plan: inout OutputPlan) {
    for run in input.strings("run") { plan.readsFolder(run, as: "--run") }
    plan.reads(input.optionalString("checkpoint"), as: "--checkpoint")
    plan.readsFolder(input.optionalString("text-encoder"), as: "--text-encoder", keepsOutputsOut: true)
}

/// The checkpoints' paths; they must exist before anything slow begins.
func checkpoints(_ input: CommandInput) throws -> [String] {
    if let file = input.optionalString("checkpoint") {
        try input.refuseHubName("checkpoint")
        if FileIO.exists(RunFolder(file).best) {
            throw CommandError(.usage, "--checkpoint \(file) is a run's folder; give it with --run \(file)")
        }
        return [file]
    }
    let runs = input.strings("run")
    for (index, run) in runs.enumerated() where runs[..<index].contains(where: { FileIdentity($0).isSame(as: FileIdentity(run)) }) {
        throw CommandError(.usage, "--run \(run) is given twice; several runs must be different ones")
    }
    return try runs.map { try checkpoint(ofRun: $0) }
}

private func checkpoint(ofRun run: String) throws -> String {
    let best = RunFolder(run).best
    if FileIO.exists(best) { return best }
    if FileIO.isFile(run) { throw CommandError(.usage, "--run \(run) is a file; give a checkpoint file with --checkpoint \(run)") }
    guard FileIO.isFolder(run) else {
        throw CommandError(
            .usage, "--run \(run): no such folder\(FileIO.neighboursHint(of: run) { FileIO.exists(RunFolder($0).configuration) })")
    }
    let runs = ((try? FileIO.list(run)) ?? []).filter { FileIO.exists(RunFolder(run + "/" + $0).best) }
    if !runs.isEmpty {
        throw CommandError(
            .usage,
            "--run \(run): holds the runs \(ListText.joined(runs, none: "none")); give one of them, such as --run "
                + "\(ShellWord.quoted(run + "/" + runs[0]))"
        )
    }
    let others = ["last.safetensors"].filter { FileIO.exists(run + "/" + $0) }
    throw CommandError(
        .usage,
        "--run \(run): no best.safetensors in this folder; a run writes it after its first epoch"
            + (others.isEmpty ? "" : "; give the last saved weights with --checkpoint \(run)/\(others[0])"))
}

func openModel(
    _ input: CommandInput, vocabularies: [String] = [], request: ModelRequest = ModelRequest(), text: TextSource = .captions
) throws -> TrainedModel {
    guard let model = try openModels(input, vocabularies: vocabularies, request: request, text: text).first else {
        throw CommandError(.usage, "no checkpoint")
    }
    return model
}

/// The models of one or several runs, on one device.
func openModels(
    _ input: CommandInput, vocabularies: [String] = [], request: ModelRequest = ModelRequest(), text: TextSource = .captions
) throws -> [TrainedModel] {
    let checkpoints = try checkpoints(input)
    try input.checkTextEncoder()
    let precision = try input.choice("precision", as: NumberFormat.self), backend = try DeviceOptions.backend(input, precision)
    return try checkpoints.map { checkpoint in
        try TrainedModel(
            checkpoint: checkpoint, textEncoder: input.optionalString("text-encoder"), vocabularies: vocabularies, request: request,
            text: text, precision: precision, backend: backend)
    }
}

// MARK: Threshold, calibration, uncertainty

/// Options for what becomes of the probabilities.
let calibrationOptions: [Option] = [
    .value(
        "threshold", "NUMBER|best|best-pixels", default: "0.5",
        "pixels above it are foreground; best and best-pixels: the one that `segment calibrate` chose on validation, for the mean Dice of "
            + "images or the Dice of all pixels"),
    .flag("calibrated", "divide the logits by the temperature that `segment calibrate` fitted on validation"),
    Option.value("calibration", "FILE", "the file of `segment calibrate` (default: calibration.json of the run)").counting(
        .any([.with("calibrated"), .value("threshold", BestThreshold.allCases.map(\.rawValue))])),
]

/// The kind of --uncertainty; nil if none is asked for.
func uncertaintyKind(_ input: CommandInput) throws -> UncertaintyKind? {
    guard let text = input.optionalString("uncertainty") else { return nil }
    guard let kind = UncertaintyKind(text) else {
        throw CommandError(
            .usage,
            "--uncertainty is \(text); expected \(UncertaintyKind.values.replacingOccurrences(of: "|", with: ", ")), T from "
                + "\(UncertaintyKind.passes.lowerBound) to \(UncertaintyKind.passes.upperBound)")
    }
    return kind
}

/// A number, or a choice of the calibration.
enum ThresholdRequest {
    case number(Double)
    case best(BestThreshold)

    init(_ input: CommandInput) throws {
        let text = try input.string("threshold")
        if let choice = BestThreshold(rawValue: text) {
            self = .best(choice)
        } else if let number = Double(text), (0..<1).contains(number) {
            self = .number(number)
        } else {
            throw CommandError(
                .usage,
                "--threshold is \(text); expected a number from 0 to below 1, or "
                    + ListText.joined(BestThreshold.allCases.map(\.rawValue), none: ""))
        }
    }
}

/// Gives the model its temperature if that is asked for.
/// - Returns: the threshold, and where it comes from.
func calibrate(
    _ model: TrainedModel, _ input: CommandInput, shards: String?
) throws -> (threshold: Double, source: ThresholdSource) {
    let request = try ThresholdRequest(input), isCalibrated = input.flag("calibrated")
    func saved() throws -> SavedCalibration {
        try SavedCalibration.read(input.optionalString("calibration"), for: model.checkpoint, shards: shards)
    }
    switch request {
    case .number(let number):
        if isCalibrated { model.temperature = try saved().temperature }
        return (number, input.wasGiven("threshold") ? .given : .standard)
    case .best(let choice):
        let saved = try saved()
        if isCalibrated { model.temperature = saved.temperature }
        return (saved.threshold(choice, tempered: isCalibrated), choice == .images ? .best : .bestForPixels)
    }
}

/// --resamples: how often images are resampled for intervals.
func resamples(_ input: CommandInput) throws -> Int {
    let count = try input.integer("resamples", in: 0...1_000_000)
    guard count == 0 || count >= 40 else {
        throw CommandError(.usage, "--resamples is \(count), too few for a 95 % interval; expected 40 or more, or 0 for none")
    }
    return count
}
