// `train`: the options, in the order in which a user needs them, and how they are applied. No arithmetic here.
import CommandLineTool
import Datasets
import DeviceOptions
import Files
import Foundation
import ModelOptions
import Networks
import RemoteShards
import Tensors
import Training

private let ofSpectralEntropicLosses = Effect.value("loss", [SpectralEntropicLoss.name, PrintedSpectralEntropicLoss.name])

let trainCommand = Command(
    name: "train", summary: "Trains a segmentation network on shards: images and captions in, a checkpoint out.",
    discussion: """
        The defaults are the published recipe for QaTa-COV19 and Kvasir-SEG (MosMed++ takes --lr 5e-4). The validation loss picks \
        best.safetensors; `segment evaluate` uses the test split. Ctrl-C saves and stops; --resume gives the same result as a run without \
        the stop. The defaults shown are those of ua-vls; each --model has its own.
        """,
    options: [
        .value(
            "shards", "DIR",
            "the shard folder of a dataset, with train/ and val/, such as shards/kvasir, or its http(s) address; required unless --resume"),
        .value(
            "fold", "K",
            "train on fold K of a set that `prep folds` dealt: on the shards beside --shards, shards/kvasir-fold0 for fold 0"),
        .value("cache", "DIR", "where shards of an address are kept; else ~/.cache/swift-vlseg/shards"),
        .value("run", "DIR", "the run's folder (default: runs/ and the shard folder's name)"),
        .flag("resume", "continue the run in --run"),
        ModelChoice.model,
        ModelChoice.options,
        .value("text-encoder", "DIR", "a Hugging Face BERT folder (config.json, vocab.txt, weights); without it an untrained encoder"),
        .value(
            "token-length", "N", "tokens per caption, longer captions are cut; else the network's own (`train models NAME`), such as 24"),
        .value(
            "init", "FILE",
            "initial weights: a checkpoint, or a pretrained file for the image encoder alone, as `train models NAME` lists them"),
        .value("epochs", "N", default: "200", "maximum number of epochs; also the length of the learning rate's schedule"),
        .value("min-epochs", "N", default: "20", "never stop early before this many epochs"),
        .value("patience", "N", default: "20", "stop after this many epochs without a lower validation loss"),
        .value("batch-size", "N", default: "32", "images per step"),
        .value("lr", "X", default: "3e-4", "the first learning rate"),
        .value("min-lr", "X", default: "1e-6", "the learning rate at the schedule's end"),
        .value("restart-epochs", "N", default: "0", "restart the cosine every N epochs; 0: one cosine for the whole run"),
        .choice(
            "schedule", Schedules.names, default: CosineSchedule.name,
            "how the learning rate changes: " + Schedules.all.map { "\($0.name) is \($0.help)" }.joined(separator: ", ")),
        .choice(
            "optimizer", Optimizers.names, default: AdamW.name,
            "the optimizer: " + Optimizers.all.map { "\($0.name) is \($0.help)" }.joined(separator: ", ")),
        .value("momentum", "X", default: "0.9", "SGD's momentum"),
        .value("weight-decay", "X", default: "0.01", "weight decay, on every parameter"),
        .choice(
            "loss", Losses.names, default: "seu",
            "the loss: " + Losses.all.map { "\($0.name) is \($0.help)" }.joined(separator: ", ")
                + "; with --model-option equations=paper the default is seu-paper"),
        .value("lambda-spectral", "X", default: "0.3", "weight of the spectral term").counting(ofSpectralEntropicLosses),
        .value("lambda-entropy", "X", default: "0.1", "weight of the entropy term").counting(ofSpectralEntropicLosses),
        .choice(
            "augment", AugmentationChoice.allCases.map(\.rawValue), default: "reference",
            "reference: a zoom of one image in ten; full: also flips (left and right swapped in the caption), small rotations, "
                + "brightness, contrast"),
        .value("dropout", "P", "the same as --model-option dropout=P"),
        .value("seed", "N", default: "0", "decides initial weights, order, augmentation and dropout"),
        .value("memory", "SIZE", default: "4GB", "memory limit of the loaders; larger datasets are shuffled in parts"),
        .flag("skip-bad", "skip damaged shards; the exit code is then 1"),
        .value("workers", "N", default: "2", "loader threads; the result does not depend on them"),
        DeviceOptions.threads,
        .value("max-steps", "N", "stop after this total number of steps; --resume continues from there"),
        DeviceOptions.device,
        .choice(
            "precision", NumberFormat.allCases.map(\.rawValue), default: "fp32", "bf16: activations in bf16, weights and sums in float32"),
        .flag("tf32", "on a GPU: float32 products on tensor cores, with 10 bits of mantissa").counting(
            .all([.valueNot("device", ["cpu"]), .value("precision", [NumberFormat.float32.rawValue])])),
        .flag("deterministic", "on a GPU: two runs give the same bits; on the CPU they always do"),
        .flag("overwrite", "use a run folder that contains other files"),
    ],
    examples: [
        "train --shards shards/kvasir --text-encoder models/text-encoder --init models/convnext-tiny/model.safetensors",
        "train --run runs/kvasir --resume",
        "train --shards https://data.example.org/shards/kvasir --augment full",
    ],
    moved: [
        "devices": "train devices", "check-parity": "train check", "summary": "train summary", "benchmark": "train benchmark",
        "benchmark-text": "train benchmark --text", "profile": "train profile", "forward-only": "train benchmark --forward-only",
        "image-size": "train benchmark --image-size N", "benchmark-steps": "train benchmark --steps N", "json": "train benchmark --json",
    ]
) { input in
    let started = ProcessInfo.processInfo.systemUptime
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    try checkInputs(input)
    let (configuration, recorded, folder) = try settings(
        input, shards: try shardFolder(input, try foldFolder(input, input.optionalString("shards")), cancellation))
    try checkRun(input, folder, shards: configuration.shards)
    let backend = try trainingBackend(input, configuration.precision, explainsCPU: true)
    for split in ["train", "val"] { try RunPreparation.checkFolders(configuration.shards, split: split) }
    let space = RunSpace(configuration, threads: try DeviceOptions.threads(input))
    try space.check(folder)
    let display = TrainingDisplay(input, configuration: configuration, started: started)
    display.note("computing on: \(backend.summary)")
    display.note(space.words(for: folder))
    let preparation = try RunPreparation.make(
        configuration, folder: folder, resuming: recorded, backend: backend, memory: try input.bytes("memory"),
        workers: try input.integer("workers", in: 1...256), cancellation: cancellation,
        checked: ShardCheckDisplay(input).update, observer: display)
    guard let preparation else { throw CommandError(.cancelled, "stopped before the first step; nothing was written") }
    let execution = Trainer.Execution(
        workers: try input.integer("workers", in: 1...256), stepLimit: try input.optionalInteger("max-steps", in: 1...Int.max),
        cancellation: cancellation)
    let trainer = try Trainer(
        configuration: preparation.configuration, folder: folder, data: preparation.data, backend: backend, execution: execution,
        resumes: preparation.resumes, observer: display)
    try display.conclude(try trainer.run(), folder: folder, shards: configuration.shards, leftOut: preparation.data.quarantined)
}

/// Checks inputs that can be checked before shards are fetched or captions encoded: paths that do not exist.
func checkInputs(_ input: CommandInput) throws {
    try input.checkTextEncoder(orElse: ", or leave it out for the untrained encoder")
    if let weights = input.optionalString("init") {
        if FileIO.exists(RunFolder(weights).best) {
            throw CommandError(.usage, "--init \(weights): a run's folder; give its best weights, \(RunFolder(weights).best)")
        }
        try input.refuseHubName("init")
        guard FileIO.exists(weights) else {
            throw CommandError(
                .usage,
                "--init \(weights): no such file or folder; give a checkpoint or a downloaded file (docs/guide/pretrained-weights.md), or "
                    + "leave --init out to train from scratch")
        }
    }
    // This depends on the command line only.
    _ = try input.optionalInteger("max-steps", in: 1...Int.max)
    if input.wasGiven("min-epochs"), input.wasGiven("epochs"),
        try input.integer("min-epochs", in: 0...1_000_000) > input.integer("epochs", in: 1...1_000_000)
    {
        throw CommandError(.usage, "--min-epochs is larger than --epochs; give at most --epochs")
    }
}

/// Checks the run's folder: it must not be an input and must not contain other files.
private func checkRun(_ input: CommandInput, _ folder: RunFolder, shards: String) throws {
    var plan = OutputPlan(input)
    plan.readsFolder(shards, as: "--shards", keepsOutputsOut: true)
    plan.readsFolder(input.optionalString("text-encoder"), as: "--text-encoder", keepsOutputsOut: true)
    plan.writesFolder(folder.path, as: "--run")
    try plan.check()
    if input.flag("resume") { return }
    if let weights = input.optionalString("init"),
        folder.members.contains(where: { FileIdentity(folder.file($0)).isSame(as: FileIdentity(weights)) })
    {
        throw CommandError(.usage, "--run \(folder.path): --init \(weights) is in this folder and would be replaced; give another --run")
    }
    let foreign = folder.foreignFiles()
    guard foreign.isEmpty || input.flag("overwrite") else {
        let some = foreign.prefix(5).joined(separator: ", ") + (foreign.count > 5 ? " and \(foreign.count - 5) more" : "")
        throw CommandError(
            .usage,
            "--run \(folder.path): contains files but no run (\(some)); give a new or empty folder, or add --overwrite to "
                + "use this one"
        )
    }
}

/// The shard folder of the fold that --fold names; without --fold the folder itself.
func foldFolder(_ input: CommandInput, _ shards: String?) throws -> String? {
    guard let fold = try input.optionalInteger("fold", in: 0...99) else { return shards }
    guard var shards else { throw CommandError(.usage, "--fold belongs to --shards, the set whose folds `prep folds` dealt") }
    while shards.count > 1, shards.hasSuffix("/") { shards.removeLast() }
    return "\(shards)-fold\(fold)"
}

/// The shard folder. For an address, the local mirror; all shards are fetched before the first step.
func shardFolder(_ input: CommandInput, _ given: String?, _ cancellation: Cancellation) throws -> String? {
    guard let given, RemoteShardFolder.isAddress(given) else {
        if input.wasGiven("cache") { throw CommandError(.usage, "--cache belongs to --shards with an http(s) address") }
        return given
    }
    let remote = try RemoteShardFolder(given, cache: input.optionalString("cache"))
    let line = LateProgress(input, "fetching shards", unit: "kB")
    let report = try remote.mirror(required: [.train, .val], skippingBad: input.flag("skip-bad"), cancellation: cancellation) {
        line.update($0.bytes / 1000, of: $0.totalBytes / 1000)
    }
    line.finish()
    for error in report.bad { input.note("not fetched (--skip-bad): \(error)") }
    let which = report.bad.isEmpty ? "all" : "all others"
    input.note("\(given): \(report.fetched) of \(report.shards) shards fetched, \(which) with the index's hashes, into \(report.folder)")
    return report.folder
}

/// The settings of the run (for a resumed run the recorded ones) and its folder.
private func settings(
    _ input: CommandInput, shards: String?
) throws -> (RunConfiguration, recorded: RunConfiguration?, RunFolder) {
    guard input.flag("resume") else {
        guard let shards else { throw ArgumentError.missingOption(option: "shards", valueName: "DIR") }
        let name = FileIO.lastPart(of: FileIO.absolute(shards))
        let folder = RunFolder(input.optionalString("run") ?? "runs/" + name)
        return (try newConfiguration(input, shards: shards), nil, folder)
    }
    guard let run = input.optionalString("run") else { throw ArgumentError.missingOption(option: "run", valueName: "DIR") }
    let folder = RunFolder(run)
    guard FileIO.exists(folder.configuration) else { throw TrainingError.noRun(path: run) }
    let recorded = try RunConfiguration.read(folder.configuration)
    var base = recorded
    if let shards { base.shards = FileIO.absolute(shards) }
    let configuration = try applying(input, to: base)
    try configuration.checkUnchanged(from: recorded, folder: folder)
    return (configuration, recorded, folder)
}

/// The settings of a new run.
func newConfiguration(_ input: CommandInput, shards: String) throws -> RunConfiguration {
    var configuration = RunConfiguration(
        shards: FileIO.absolute(shards), model: try ModelChoice.descriptor(input), try ModelChoice.specification(input))
    configuration.programVersion = programVersion
    return try applying(input, to: configuration)
}

/// The base settings with the given options replaced.
private func applying(_ input: CommandInput, to base: RunConfiguration) throws -> RunConfiguration {
    var result = base
    func asked(_ name: String) -> Bool { input.wasGiven(name) }
    result.model = try ModelChoice.applying(input, to: result.model)
    if asked("text-encoder") { result.textEncoder = input.optionalString("text-encoder").map(FileIO.absolute) }
    if asked("token-length") {
        let length = try input.integer("token-length", in: 3...512)
        guard result.model.text != nil else {
            throw CommandError(.usage, "--token-length: \(result.model.name) reads no captions, or none with these options; leave it out")
        }
        result.model.text?.tokens = length
    }
    if asked("init") { result.initialWeights = input.optionalString("init").map(FileIO.absolute) }
    if asked("epochs") { result.epochs = try input.integer("epochs", in: 1...1_000_000) }
    if asked("min-epochs") { result.minimumEpochs = try input.integer("min-epochs", in: 0...1_000_000) }
    if asked("patience") { result.patience = try input.integer("patience", in: 1...1_000_000) }
    if asked("batch-size") { result.batchSize = try input.integer("batch-size", in: 1...4096) }
    if asked("lr") { result.learningRate = try input.number("lr", in: 0...10) }
    if asked("min-lr") { result.minimumLearningRate = try input.number("min-lr", in: 0...10) }
    if asked("restart-epochs") {
        let epochs = try input.integer("restart-epochs", in: 0...1_000_000)
        result.restartEpochs = epochs == 0 ? nil : epochs
    }
    if asked("schedule") {
        let name = try input.string("schedule")
        result.schedule = name == CosineSchedule.name ? nil : name
        if result.schedule != nil, !asked("restart-epochs") { result.restartEpochs = nil }
    }
    if asked("optimizer"), try input.string("optimizer") != result.optimizerConfiguration.name {
        result.choose(optimizer: try input.string("optimizer"))
    }
    if asked("momentum") {
        guard result.momentum != nil else {
            throw CommandError(
                .usage, "--momentum belongs to --optimizer \(SGD.name), not to \(result.optimizerConfiguration.name); leave it out")
        }
        result.momentum = try input.number("momentum", in: 0...0.9999)
    }
    if result.schedule != nil, result.restartEpochs != nil {
        throw CommandError(
            .usage,
            "--restart-epochs belongs to --schedule \(CosineSchedule.name), not to \(result.scheduleConfiguration.name); leave it out")
    }
    if asked("weight-decay") { result.weightDecay = try input.number("weight-decay", in: 0...10) }
    if asked("loss") { result.loss.choose(try input.string("loss")) }
    if asked("lambda-spectral") { result.loss.spectralWeight = Float(try input.number("lambda-spectral", in: 0...1e9)) }
    if asked("lambda-entropy") { result.loss.entropyWeight = Float(try input.number("lambda-entropy", in: 0...1e9)) }
    let ofTerms = [SpectralEntropicLoss.name, PrintedSpectralEntropicLoss.name]
    if let option = ["lambda-spectral", "lambda-entropy"].first(where: asked), !ofTerms.contains(result.loss.name) {
        throw CommandError(
            .usage,
            "--\(option) has no effect with the loss \(result.loss.name); leave it out, or name a --loss of "
                + "\(ofTerms.joined(separator: " or "))"
        )
    }
    if asked("augment") { result.augmentation = try input.choice("augment", as: AugmentationChoice.self) }
    if asked("seed") { result.seed = try input.seed("seed") }
    if input.flag("skip-bad") { result.skipsBad = true }
    if asked("precision") { result.precision = try input.choice("precision", as: NumberFormat.self) }
    return result
}
