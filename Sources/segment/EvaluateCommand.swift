// `segment evaluate`: the metrics of a checkpoint on one split, and those of trivial masks that ignore image and caption.
import CommandLineTool
import Files
import Segmenting
import Text

let evaluateCommand = Command(
    name: "evaluate", summary: "Scores a checkpoint on a split of a shard folder.",
    discussion: """
        Overlap (Dice, IoU and others), distances of boundaries (HD95, ASSD, NSD) in pixels and, where the shards know \
        their size, in millimetres, detection of lesions, and calibration, with 95 % intervals. For comparison it shows the scores of masks that ignore image and \
        caption: everything, nothing, and the mean mask of the training split.
        """,
    options: checkpointOptions.map {
        $0.name == "run"
            ? .list("run", "DIR", "a run's folder; its best.safetensors is used. Of several, the mean of their probabilities is scored")
            : $0
    } + [
        .value("shards", "DIR", required: true, "the shard folder of a dataset, such as shards/kvasir"),
        .choice("split", ["train", "val", "test"], default: "test", "the split to score"),
        .flag("no-text", "ignore the captions: every image gets an empty caption; the same as --captions none"),
        .value(
            "captions", "LIST",
            "what the network reads (default: original); several, separated by commas, are compared with the first: "
                + CaptionVariant.allCases.map { "\($0.name) (\($0.explanation))" }.joined(separator: ", ")),
        .choice(
            "image", ["given", "blank"], default: "given", "blank: every image is one grey, so that only the captions can tell anything"),
    ] + calibrationOptions + [
        .value(
            "uncertainty", UncertaintyKind.values,
            "score the mean of several predictions, and how well their spread finds errors: T passes with dropout; flips, with the "
                + "caption's sides exchanged; the caption, others of the image in the shards, and paraphrases; several --run; or the entropy "
                + "of the one prediction"),
        .value("json", "FILE", "write all figures, also of each sample, as JSON; - for standard output"),
        .value(
            "predictions", "DIR", "write ID.png (mask) and ID.npy (float32 probabilities) of every sample, with --uncertainty its maps too"),
        OutputPlan.option.counting(.any([.with("json"), .with("predictions")])),
        .choice(
            "at-size", ScoringSize.allCases.map(\.rawValue),
            "compare masks at the size of the original image (default where the shards hold its mask), or at the network's; --predictions "
                + "writes masks of that size"),
        .value("tolerance", "PIXELS", default: "2", "up to which distance boundaries agree, for NSD"),
        .value("tolerance-mm", "MM", default: "2", "the same in millimetres, for images whose spacing the shards know"),
        .value("resamples", "N", default: "2000", "bootstrap resamples of the patients, or images, for intervals; 0 for none"),
        .value("batch-size", "N", default: "8", "images per batch; the figures do not depend on it"),
        .value("workers", "N", default: "1", "loader threads"),
    ],
    examples: ["segment evaluate --run runs/kvasir --shards shards/kvasir --json report.json"], oneOf: [checkpointChoice]
) { input in
    let shards = try input.string("shards"), split = try input.string("split"), predictions = input.optionalString("predictions")
    let uncertainty = try uncertaintyKind(input), request = try ThresholdRequest(input)
    try checkEnsemble(input, uncertainty, request)
    var plan = OutputPlan(input)
    planModel(input, in: &plan)
    plan.reads(input.optionalString("calibration"), as: "--calibration")
    plan.readsFolder(shards, as: "--shards", keepsOutputsOut: true)
    plan.writes(input.optionalString("json"), as: "--json", OutputKind("report of an evaluation", isOwn: EvaluationReport.isReport))
    plan.writesFolder(predictions, as: "--predictions")
    try plan.check()
    try Evaluator.check(
        shards: shards, split: split, predictions: predictions, uncertainty: uncertainty != nil, overwrites: input.flag("overwrite"))
    let variants = try variants(input)
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    var evaluator = Evaluator(
        models: try openModels(input, vocabularies: [shards + "/vocab.txt"]), shards: shards, split: split,
        batchSize: try input.integer("batch-size", in: 1...4096),
        workers: try input.integer("workers", in: 1...256))
    evaluator.blanksImages = try input.string("image") == "blank"
    evaluator.size = input.optionalString("at-size").flatMap(ScoringSize.init)
    evaluator.tolerance = try input.number("tolerance", in: 0...1000)
    evaluator.toleranceInMillimetres = try input.number("tolerance-mm", in: 0...1000)
    evaluator.resamples = try resamples(input)
    evaluator.uncertainty = uncertainty
    for model in evaluator.models {
        (evaluator.threshold, evaluator.thresholdSource) = try calibrate(model, input, shards: shards)
        for note in model.notes { input.warn(note) }
    }
    var reports: [EvaluationReport] = []
    for (number, variant) in variants.enumerated() {
        evaluator.variant = variant
        let suffix = variants.count > 1 ? " (captions \(variant.name))" : ""
        let progress = EvaluationProgress(input, captions: "encoding captions" + suffix, images: "evaluating" + suffix)
        let report = try evaluator.run(
            predictions: number == 0 ? predictions : nil, earlier: reports.first, cancellation: cancellation,
            note: { if number == 0 { input.warn($0) } }, say: { if number == 0 { input.note($0) } }, progress: progress.update)
        reports.append(report)
    }
    let comparison = CaptionComparison(reports)
    let json = reports.count > 1 ? try comparison.json : try reports[0].json
    let tables = reports[0].table + (reports.count > 1 ? "\n\n" + comparison.table : "")
    switch input.optionalString("json") {
    case "-"?: input.printJSON(String(decoding: json, as: UTF8.self).trimmingSuffix("\n"))
    case let path?:
        try FileIO.writeAtomically(json, to: path)
        input.printLines(tables)
    case nil: input.printLines(tables)
    }
}

/// What goes with several runs, and what needs them.
func checkEnsemble(_ input: CommandInput, _ uncertainty: UncertaintyKind?, _ threshold: ThresholdRequest) throws {
    let runs = input.strings("run").count
    guard runs > 1 else {
        if uncertainty == .ensemble {
            throw CommandError(.usage, "--uncertainty ensemble is of several networks; give --run more than once")
        }
        return
    }
    if let uncertainty, uncertainty != .ensemble {
        throw CommandError(.usage, "--uncertainty \(uncertainty.name) is of one network; with several --run give --uncertainty ensemble")
    }
    if case .best(let choice) = threshold {
        throw CommandError(
            .usage, "--threshold \(choice.rawValue) was chosen for one network; with several --run give a number, or leave it out")
    }
    if input.wasGiven("calibration") {
        throw CommandError(.usage, "--calibration is of one network; with several --run, --calibrated reads the calibration.json of each")
    }
}

/// The variants of --captions, in the order in which they are given.
private func variants(_ input: CommandInput) throws -> [CaptionVariant] {
    let given = input.optionalString("captions")
    if input.flag("no-text") {
        guard given == nil else { throw CommandError(.usage, "--no-text is --captions none; give one of the two") }
        return [.empty]
    }
    let list = given ?? CaptionVariant.original.name
    var variants: [CaptionVariant] = []
    for name in list.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
        guard let variant = CaptionVariant(rawValue: name) else {
            let known = CaptionVariant.allCases.map(\.name).joined(separator: ", ")
            throw CommandError(.usage, "--captions is \(list); expected \(known), one or several separated by commas without blanks")
        }
        guard !variants.contains(variant) else { throw CommandError(.usage, "--captions names \(name) twice") }
        variants.append(variant)
    }
    return variants
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String { hasSuffix(suffix) ? String(dropLast(suffix.count)) : self }
}
