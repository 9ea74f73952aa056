// What both commands ask: which checkpoint, which text encoder, how many threads.
import CommandLineTool
import Files
import Segmenting
import Tensors
import Training

let checkpointOptions: [Option] = [
    .value("run", "DIR", "a run's folder; its best.safetensors is used"),
    .value("checkpoint", "FILE", "a checkpoint, in place of --run"),
    .value("text-encoder", "DIR", "the text encoder's folder (default: the one recorded in the checkpoint)"),
    .choice("precision", NumberFormat.allCases.map(\.rawValue), default: "fp32", "bf16: faster, probabilities differ in the third digit"),
    .value("threads", "N", default: "0", "compute threads; 0 means one per core"),
    .value("device", "NAME", default: "auto", "auto, cpu, or cuda[:N]"),
]

func openModel(_ input: CommandInput, vocabularies: [String] = []) throws -> CaptionedModel {
    let run = input.optionalString("run"), file = input.optionalString("checkpoint")
    let checkpoint: String
    switch (run, file) {
    case (let run?, nil): checkpoint = RunFolder(run).best
    case (nil, let file?): checkpoint = file
    case (nil, nil): throw CommandError(.usage, "which checkpoint? Give --run DIR or --checkpoint FILE")
    case (_?, _?): throw CommandError(.usage, "--run and --checkpoint exclude each other; give one")
    }
    let threads = try input.integer("threads", in: 0...1024), name = try input.string("device")
    guard let choice = DeviceChoice(name) else {
        throw CommandError(.usage, "--device: \"\(name)\" is not one of auto, cpu, cuda, cuda:N")
    }
    let precision = try input.choice("precision", as: NumberFormat.self)
    let (backend, note) = try choice.backend(
        DeviceChoice.Needs(threads: threads == 0 ? ParallelMap.availableThreads : threads, format: precision))
    if let note { input.note(note) }
    return try CaptionedModel(
        checkpoint: checkpoint, textEncoder: input.optionalString("text-encoder"), vocabularies: vocabularies, precision: precision,
        backend: backend)
}
