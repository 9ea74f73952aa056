// `segment evaluate`: the metrics of a checkpoint on one split, and those of trivial masks that ignore image and caption.
import CommandLineTool
import Files
import Segmenting

let evaluateCommand = Command(
    name: "evaluate", summary: "Scores a checkpoint on a split of a shard folder.",
    discussion: """
        Dice, IoU, accuracy, sensitivity and precision over all pixels of the split at threshold 0.5, and means over images. For \
        comparison it shows the scores of masks that ignore image and caption: everything, nothing, and the mean mask of the training \
        split.
        """,
    options: checkpointOptions + [
        .value("shards", "DIR", required: true, "the shard folder of a dataset, such as shards/kvasir"),
        .choice("split", ["train", "val", "test"], default: "test", "the split to score"),
        .flag("no-text", "ignore the captions: every image gets an empty caption"),
        .value("json", "FILE", "write all figures, also of each sample, as JSON; - for standard output"),
        .value("predictions", "DIR", "write ID.png (mask) and ID.npy (float32 probabilities) of every sample"),
        OutputPlan.option.counting(.any([.with("json"), .with("predictions")])),
        .value("batch-size", "N", default: "8", "images per batch; the figures do not depend on it"),
        .value("workers", "N", default: "1", "loader threads"),
    ],
    examples: ["segment evaluate --run runs/kvasir --shards shards/kvasir --json report.json"], oneOf: [checkpointChoice]
) { input in
    let shards = try input.string("shards"), split = try input.string("split"), predictions = input.optionalString("predictions")
    var plan = OutputPlan(input)
    planModel(input, in: &plan)
    plan.readsFolder(shards, as: "--shards", keepsOutputsOut: true)
    plan.writes(input.optionalString("json"), as: "--json", OutputKind("report of an evaluation", isOwn: EvaluationReport.isReport))
    plan.writesFolder(predictions, as: "--predictions")
    try plan.check()
    try Evaluator.check(shards: shards, split: split, predictions: predictions, overwrites: input.flag("overwrite"))
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    let evaluator = Evaluator(
        model: try openModel(input, vocabularies: [shards + "/vocab.txt"]), shards: shards, split: split,
        withholdsCaptions: input.flag("no-text"), batchSize: try input.integer("batch-size", in: 1...4096),
        workers: try input.integer("workers", in: 1...256))
    for note in evaluator.model.notes { input.warn(note) }
    var progress: (captions: ProgressLine?, images: ProgressLine?)
    let report = try evaluator.run(
        predictions: predictions, cancellation: cancellation, note: input.warn, say: { input.note($0) }
    ) { stage, done, total in
        let line: ProgressLine
        switch stage {
        case .captions:
            line = progress.captions ?? input.progress("encoding captions", total: total, unit: "captions")
            progress.captions = line
        case .images:
            line = progress.images ?? input.progress("evaluating", total: total, unit: "images")
            progress.images = line
        }
        line.update(done: done)
        if done == total { line.finish() }
    }
    switch input.optionalString("json") {
    case "-"?: input.printJSON(String(decoding: try report.json, as: UTF8.self).trimmingSuffix("\n"))
    case let path?:
        try FileIO.writeAtomically(try report.json, to: path)
        input.printLines(report.table)
    case nil: input.printLines(report.table)
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String { hasSuffix(suffix) ? String(dropLast(suffix.count)) : self }
}
