// What both commands ask: which checkpoint, which text encoder, how many threads.
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

func openModel(_ input: CommandInput, vocabularies: [String] = []) throws -> TrainedModel {
    let run = input.optionalString("run"), file = input.optionalString("checkpoint")
    let checkpoint: String
    switch (run, file) {
    case (let run?, nil): checkpoint = RunFolder(run).best
    case (nil, let file?): checkpoint = file
    case (nil, nil): throw CommandError(.usage, "which checkpoint? Give --run DIR or --checkpoint FILE")
    case (_?, _?): throw CommandError(.usage, "--run and --checkpoint exclude each other; give one")
    }
    let precision = try input.choice("precision", as: NumberFormat.self), backend = try DeviceOptions.backend(input, precision)
    return try TrainedModel(
        checkpoint: checkpoint, textEncoder: input.optionalString("text-encoder"), vocabularies: vocabularies, precision: precision,
        backend: backend)
}
