// `segment compare`: several runs on one split, side by side, with paired tests against the first.
import CommandLineTool
import Comparing
import DeviceOptions
import Files
import Imaging
import Segmenting
import Tensors
import Training

private let formats: [(option: String, file: ComparisonFile, name: String, help: String)] = [
    ("csv", .csv, "comparison as CSV", "write all figures, one line for each run"),
    ("json", .json, "comparison as JSON", "write all figures, also Dice of each image, as JSON; - for standard output"),
    ("latex", .latex, "comparison for LaTeX", "write the tables for LaTeX (package booktabs)"),
    ("markdown", .markdown, "comparison in Markdown", "write the tables in Markdown"),
    ("html", .html, "comparison as a page", "write one self-contained page: tables, Dice image by image, worst and most different images"),
]

private let sourceOptions: [Option] = [
    .value("shards", "DIR", "the shard folder that the runs were trained on, such as shards/kvasir"),
    .list("from", "FILE", "in place of runs and --shards: evaluations that segment evaluate --json wrote"),
    Option.choice("split", ["train", "val", "test"], default: "test", "the split to score").counting(.with("shards")),
    Option.flag("other-shards", "compare also runs that were trained on other shards; every output marks them").counting(.with("shards")),
    .value(
        "published", "FILE",
        "add published figures from a CSV file as rows marked so; \(PublishedFigures.table1Name): those of the paper's Table 1"),
    Option.value("dataset", "NAME", "which data set's published figures, such as kvasir").counting(.with("published")),
]

private let outputOptions: [Option] =
    formats.map { .value($0.option, "FILE", $0.help) } + [
        Option.value("panels", "FILE", "write worst and most different images as one PNG: a row each, a column for each run").counting(
            .with("shards")),
        Option.flag(
            "activation-maps",
            "show below the images also where each network looks: Grad-CAM of the true mask"
        ).counting(.all([.with("shards"), .any([.with("html"), .with("panels")])])),
        Option.value("cases", "N", default: "6", "images of each kind on the page and the panels").counting(
            .any([.with("html"), .with("panels"), .with("json")])),
        OutputPlan.option.counting(.any((formats.map(\.option) + ["panels"]).map { .with($0) })),
        .value(
            "resamples", "N", default: "2000",
            "bootstrap resamples of the patients, or images, for intervals and tests; 0 for none"),
    ]

/// How runs are evaluated.
private let evaluationOptions: [Option] =
    ([
        .value("tolerance", "PIXELS", default: "2", "up to which distance boundaries agree, for NSD"),
        .value("timed-passes", "N", default: "5", "forward passes of a batch for images per second; 0 for no rate"),
        .value("batch-size", "N", default: "8", "images per batch; only the rate depends on it"),
        .value("workers", "N", default: "1", "loader threads"),
    ] + checkpointOptions.filter { !checkpointChoice.contains($0.name) }).map { $0.counting(.with("shards")) }

let compareCommand = Command(
    name: "compare", summary: "Compares runs on one split: figures, intervals, paired tests, images.",
    discussion: """
        Evaluates the best checkpoint of each run and shows parameters, FLOPs, Dice, IoU and HD95 with 95 % intervals, ECE and images per \
        second. Image Dice of every run is tested against that of the first run. Runs that differ by their seed alone are also shown as mean \
        and standard deviation. All runs must have been trained on the shards that they are compared on.
        """,
    arguments: [
        Argument(
            "RUN", "a run's folder, such as runs/kvasir; the first is the one that the others are compared with", optional: true,
            repeats: true)
    ],
    options: sourceOptions + outputOptions + evaluationOptions,
    examples: [
        "segment compare runs/kvasir runs/unet --shards shards/kvasir --html compare.html",
        "segment compare runs/kvasir --shards shards/kvasir --published table1 --dataset kvasir --latex table.tex",
        "segment compare --from first.json second.json --csv compare.csv",
    ], oneOf: [["shards", "from"]]
) { input in
    let published = try published(input)
    if input.wasGiven("from") { return try compareFiles(input, published) }
    let shards = try input.string("shards"), split = try input.string("split"), runs = input.arguments("RUN")
    if runs.isEmpty { throw CommandError(.usage, "no RUN to compare; give the folders of runs, such as runs/kvasir") }
    try planOutputs(input, runs: runs)
    var plan = RunEvaluation.Plan(shards: shards, split: split)
    plan.tolerance = try input.number("tolerance", in: 0...1000)
    plan.resamples = try resamples(input)
    plan.timedPasses = try input.integer("timed-passes", in: 0...1000)
    plan.batchSize = try input.integer("batch-size", in: 1...4096)
    plan.workers = try input.integer("workers", in: 1...256)
    plan.precision = try input.choice("precision", as: NumberFormat.self)
    let count = try input.integer("cases", in: 0...1000)
    try Evaluator.check(shards: shards, split: split, predictions: nil, overwrites: false)
    try input.checkTextEncoder()
    let candidates = try RunCandidate.open(runs, shards: shards, acceptsOtherShards: input.flag("other-shards"))
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    let backend = try DeviceOptions.backend(input, plan.precision)
    var evaluations: [RunEvaluation] = []
    for candidate in candidates { evaluations.append(try evaluate(candidate, plan, input, backend, cancellation)) }
    var comparison = Comparison(
        shards: shards, split: split, ids: evaluations.first?.ids ?? [], patients: evaluations.first?.patients,
        runs: evaluations.map(\.run), published: published, resamples: plan.resamples, timing: plan.timing(on: backend))
    comparison.size = evaluations.first?.size
    let cases = CaseSelection(comparison, count: count)
    var activations: [RunActivations] = []
    if input.flag("activation-maps"), !cases.all.isEmpty {
        // Models are opened again, so that no more than one is in memory.
        for candidate in candidates { activations.append(try mapped(candidate, cases, plan, input, backend, cancellation)) }
        comparison.activations = RunActivations.description(activations)
    }
    try write(comparison, cases, evaluations, activations, input)
}

private func published(_ input: CommandInput) throws -> [PublishedFigures] {
    try input.optionalString("published").map { [try PublishedTable.read($0, dataset: input.optionalString("dataset"))] } ?? []
}

/// The comparison of --from: no network is run.
private func compareFiles(_ input: CommandInput, _ published: [PublishedFigures]) throws {
    if !input.arguments("RUN").isEmpty {
        throw CommandError(.usage, "--from takes the place of RUN; evaluate runs with `segment evaluate --json`")
    }
    try planOutputs(input, runs: [])
    let files = try EvaluationFile.read(input.strings("from"))
    guard let first = files.first else { throw CommandError(.usage, "--from: no files") }
    var comparison = Comparison(
        shards: first.shards, split: first.split, ids: first.ids, patients: EvaluationFile.patients(files), runs: files.map(\.run),
        published: published, resamples: try resamples(input))
    comparison.size = first.size
    comparison.isOfFiles = true
    try write(comparison, CaseSelection(comparison, count: try input.integer("cases", in: 0...1000)), [], [], input)
}

private func planOutputs(_ input: CommandInput, runs: [String]) throws {
    var plan = OutputPlan(input)
    for run in runs { plan.readsFolder(run, as: "RUN") }
    for file in input.strings("from") { plan.reads(file, as: "--from") }
    plan.readsFolder(input.optionalString("text-encoder"), as: "--text-encoder", keepsOutputsOut: true)
    plan.readsFolder(input.optionalString("shards"), as: "--shards", keepsOutputsOut: true)
    if let file = input.optionalString("published"), file != PublishedFigures.table1Name { plan.reads(file, as: "--published") }
    for format in formats {
        let path = input.optionalString(format.option)
        if path == "-", format.file != .json { throw CommandError(.usage, "--\(format.option) -: expected a file's name") }
        plan.writes(path, as: "--" + format.option, OutputKind(format.name, isOwn: format.file.isOwn))
    }
    try checkEnding(input.optionalString("panels"), "panels", ["png"])
    if input.wasGiven("panels"), try input.integer("cases", in: 0...1000) == 0 {
        throw CommandError(.usage, "--panels shows the images that --cases counts, and --cases is 0; give 1 or more")
    }
    plan.writes(input.optionalString("panels"), as: "--panels", OutputKind("picture that segment wrote", isOwn: PictureMark.isOn))
    try plan.check()
}

private func evaluate(
    _ candidate: RunCandidate, _ plan: RunEvaluation.Plan, _ input: CommandInput, _ backend: any Backend, _ cancellation: Cancellation
) throws -> RunEvaluation {
    let model = try openModel(candidate, plan, input, backend)
    for note in model.notes { input.warn(note) }
    let progress = EvaluationProgress(input, captions: "encoding captions (\(candidate.name))", images: "evaluating \(candidate.name)")
    return try RunEvaluation.make(
        candidate, model, plan, cancellation: cancellation, note: { input.note("\(candidate.name): \($0)") }, progress: progress.update)
}

private func mapped(
    _ candidate: RunCandidate, _ cases: CaseSelection, _ plan: RunEvaluation.Plan, _ input: CommandInput, _ backend: any Backend,
    _ cancellation: Cancellation
) throws -> RunActivations {
    let model = try openModel(candidate, plan, input, backend)
    let line = input.progress("activation maps of \(candidate.name)", total: cases.all.count, unit: "images")
    let activations = try RunActivations.make(
        candidate.name, model, cases.all, shards: plan.shards, split: plan.split, cancellation: cancellation,
        note: { input.note("\(candidate.name): \($0)") }, progress: { done, _ in line.update(done: done) })
    line.finish()
    return activations
}

private func openModel(
    _ candidate: RunCandidate, _ plan: RunEvaluation.Plan, _ input: CommandInput, _ backend: any Backend
) throws -> TrainedModel {
    // The encoder that was given is not of runs that read no text.
    let encoder = candidate.configuration.model.text == nil ? nil : input.optionalString("text-encoder")
    return try TrainedModel(
        checkpoint: candidate.folder.best, textEncoder: encoder, vocabularies: [plan.shards + "/vocab.txt"], precision: plan.precision,
        backend: backend)
}

private func write(
    _ comparison: Comparison, _ cases: CaseSelection, _ evaluations: [RunEvaluation], _ activations: [RunActivations],
    _ input: CommandInput
) throws {
    func rows(_ indices: [Int]) throws -> [PanelRow] {
        // Evaluations from files hold no masks.
        if evaluations.isEmpty { return [] }
        return try PanelReader.rows(
            indices, shards: comparison.shards, split: comparison.split, evaluations: evaluations, activations: activations)
    }
    if let path = input.optionalString("csv") { try FileIO.writeAtomically(comparison.csv, to: path) }
    if let path = input.optionalString("latex") { try FileIO.writeAtomically(comparison.latex, to: path) }
    if let path = input.optionalString("markdown") { try FileIO.writeAtomically(comparison.markdown, to: path) }
    if let path = input.optionalString("html") {
        let page = try ComparisonPage.html(comparison, worst: try rows(cases.worst), different: try rows(cases.different))
        try FileIO.writeAtomically(page, to: path)
    }
    if let path = input.optionalString("panels") {
        let picture = try PanelPicture.render(
            try rows(cases.all), names: comparison.runs.map(\.name), activations: comparison.activations)
        try FileIO.writeAtomically(PictureMark.marked(try PNGEncoder.encode(picture)), to: path)
    }
    let json = input.optionalString("json")
    if json == "-" {
        let text = String(decoding: try comparison.json(cases), as: UTF8.self)
        return input.printJSON(String(text.dropLast()))
    }
    if let json { try FileIO.writeAtomically(try comparison.json(cases), to: json) }
    input.printLines(Printable.lines(comparison.text))
}
