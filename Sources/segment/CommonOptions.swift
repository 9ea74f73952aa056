// Options that both commands share: checkpoint, text encoder, number of threads.
import CommandLineTool
import DeviceOptions
import Files
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

/// Declares the files that both commands read, so that no output replaces them.
func planModel(_ input: CommandInput, in plan: inout OutputPlan) {
    plan.readsFolder(input.optionalString("run"), as: "--run")
    plan.reads(input.optionalString("checkpoint"), as: "--checkpoint")
    plan.readsFolder(input.optionalString("text-encoder"), as: "--text-encoder", keepsOutputsOut: true)
}

/// The checkpoint's path; it must exist before anything slow begins.
private func checkpoint(_ input: CommandInput) throws -> String {
    if let file = input.optionalString("checkpoint") {
        try input.refuseHubName("checkpoint")
        if FileIO.exists(RunFolder(file).best) {
            throw CommandError(.usage, "--checkpoint \(file) is a run's folder; give it with --run \(file)")
        }
        return file
    }
    let run = try input.string("run"), best = RunFolder(run).best
    if FileIO.exists(best) { return best }
    if FileIO.isFile(run) { throw CommandError(.usage, "--run \(run) is a file; a checkpoint's file is given with --checkpoint \(run)") }
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
        "--run \(run): no best.safetensors there, which a run's first finished epoch writes"
            + (others.isEmpty ? "" : "; --checkpoint \(run)/\(others[0]) takes its last state"))
}

func openModel(
    _ input: CommandInput, vocabularies: [String] = [], request: ModelRequest = ModelRequest(), text: TextSource = .captions
) throws -> TrainedModel {
    let checkpoint = try checkpoint(input)
    try input.checkTextEncoder()
    let precision = try input.choice("precision", as: NumberFormat.self), backend = try DeviceOptions.backend(input, precision)
    return try TrainedModel(
        checkpoint: checkpoint, textEncoder: input.optionalString("text-encoder"), vocabularies: vocabularies, request: request, text: text,
        precision: precision, backend: backend)
}
