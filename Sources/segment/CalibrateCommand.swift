// `segment calibrate`: the temperature and the threshold of a checkpoint, from the validation split.
import CommandLineTool
import Files
import Segmenting
import Text

let calibrateCommand = Command(
    name: "calibrate", summary: "Fits a checkpoint's temperature and chooses its threshold on the validation split.",
    discussion: """
        The temperature divides all logits, so that a probability is as often right as it says. The threshold is the one of the best Dice. \
        Both come from val/ alone and are used by `segment evaluate` and `segment predict` with --calibrated and --threshold best.
        """,
    options: checkpointOptions + [
        .value("shards", "DIR", required: true, "the shard folder of a dataset, such as shards/kvasir; its val/ is read"),
        .flag("no-text", "ignore the captions: every image gets an empty caption"),
        .value("out", "FILE", "the file to write (default: calibration.json in the run, or NAME.calibration.json beside --checkpoint)"),
        OutputPlan.option,
        .value("batch-size", "N", default: "8", "images per batch; the result does not depend on it"),
        .value("workers", "N", default: "1", "loader threads"),
    ],
    examples: ["segment calibrate --run runs/kvasir --shards shards/kvasir"], oneOf: [checkpointChoice]
) { input in
    let shards = try input.string("shards"), checkpoint = try checkpoints(input)[0]
    let out = input.optionalString("out") ?? SavedCalibration.path(of: checkpoint)
    var plan = OutputPlan(input)
    planModel(input, in: &plan)
    plan.readsFolder(shards, as: "--shards", keepsOutputsOut: true)
    plan.writes(out, as: "--out", OutputKind("file of segment calibrate", isOwn: SavedCalibration.isOne))
    try plan.check()
    try Evaluator.check(shards: shards, split: Calibrator.split, predictions: nil, overwrites: false)
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    let calibrator = Calibrator(
        model: try openModel(input, vocabularies: [shards + "/vocab.txt"]), shards: shards,
        variant: input.flag("no-text") ? .empty : .original, batchSize: try input.integer("batch-size", in: 1...4096),
        workers: try input.integer("workers", in: 1...256))
    for note in calibrator.model.notes { input.warn(note) }
    let progress = EvaluationProgress(input, images: "calibrating")
    let saved = try calibrator.run(
        cancellation: cancellation, note: { input.warn($0) }, say: { input.note($0) }, progress: progress.update)
    try FileIO.writeAtomically(saved.json, to: out)
    input.printLines(saved.table)
    input.print("")
    input.print(out)
    if saved.temperature.isAtLimit {
        input.warn("the best temperature is beyond \(saved.temperature.value); the split is too small, or the network tells nothing apart")
    }
}
