// `segment predict` of many images: --images with --captions, or --shards. Which images there are, their captions, what is said of them.
import CommandLineTool
import Datasets
import Files
import Foundation
import Segmenting
import Shards
import Training

private let splits = ["train", "val", "test"]
private let many = Effect.any([.with("images"), .with("shards")])

/// The options of `predict` that belong to many images.
let predictManyOptions: [Option] = [
    .list(
        "images", "PATH",
        "many images: a folder, files, or a pattern in quotes, \"scans/*.png\"; --out is then a folder, for ID.png of each image and "
            + "predictions.csv"),
    Option.value(
        "captions", "FILE", "the images' captions: a file or folder as for `prep ingest --captions`, matched by the images' names"
    ).counting(.with("images")),
    .value("shards", "DIR", "many images: a split of a shard folder, with its captions"),
    Option.choice("split", splits, default: "test", "the split of --shards").counting(.with("shards")),
    Option.value("overlays", "DIR", "of many images: a folder for ID.jpg, the image with the mask's outline").counting(many),
    Option.value("batch-size", "N", default: "8", "images that are computed together").counting(many),
    Option.value("workers", "N", default: "2", "threads that decode images, and as many that write").counting(many),
]

/// Whether many images are asked for.
func asksForMany(_ input: CommandInput) -> Bool { input.wasGiven("images") || input.wasGiven("shards") }

func predictMany(_ input: CommandInput) throws {
    guard let out = input.optionalString("out") else { throw ArgumentError.missingOption(option: "out", valueName: "DIR") }
    let captions = input.optionalString("captions"), shards = input.optionalString("shards"), split = try input.string("split")
    let uncertainty = try uncertaintyKind(input)
    try checkEnsemble(input, uncertainty, ThresholdRequest(input))
    let folder = PredictionFolder(
        out, overlays: input.optionalString("overlays"), probabilities: input.optionalString("probabilities"),
        uncertainty: input.optionalString("uncertainty-map"))
    var plan = OutputPlan(input)
    planModel(input, in: &plan)
    plan.readsFolder(shards, as: "--shards", keepsOutputsOut: true)
    plan.reads(input.optionalString("calibration"), as: "--calibration")
    if let captions, FileIO.isFile(captions) { plan.reads(captions, as: "--captions") }
    for path in input.strings("images") where FileIO.isFolder(path) { plan.readsFolder(path, as: "--images", keepsOutputsOut: true) }
    plan.writesFolder(out, as: "--out")
    plan.writesFolder(folder.overlays, as: "--overlays")
    plan.writesFolder(folder.probabilities, as: "--probabilities")
    plan.writesFolder(folder.uncertainty, as: "--uncertainty-map")
    try plan.check()
    for (path, option) in [
        (out, "out"), (folder.overlays, "overlays"), (folder.probabilities, "probabilities"), (folder.uncertainty, "uncertainty-map"),
    ] {
        guard let path, ([""] + splits.map { "/" + $0 }).contains(where: { FileIO.exists(path + $0 + "/index.json") }) else { continue }
        throw CommandError(.usage, "--\(option) \(path): a folder of shards, which no output goes into; choose another folder")
    }

    var (items, problems) = try shards.map { try shardItems(input, $0, split) } ?? imageItems(input, captions)
    try folder.check(items.map(\.id), overwrites: input.flag("overwrite"))
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    let models = try openModels(
        input, vocabularies: shards.map { [$0 + "/vocab.txt"] } ?? [], request: try modelRequest(input))
    if let other = models.first(where: { $0.imageSize != models[0].imageSize }) {
        throw CommandError(
            .usage,
            "\(other.checkpoint) reads images of \(other.imageSize)x\(other.imageSize), \(models[0].checkpoint) of "
                + "\(models[0].imageSize)x\(models[0].imageSize); several --run must have one size")
    }
    if let other = models.first(where: { $0.metadata?.imageBits != models[0].metadata?.imageBits }) {
        throw CommandError(
            .usage, "\(other.checkpoint) was trained on images of another bit depth than \(models[0].checkpoint); predict with each alone")
    }
    for model in models {
        if let shards, let size = items.firstShards?.imageSize, size != model.imageSize {
            throw SegmentingError.otherImageSize(shards: shards, split: split, found: size, wanted: model.imageSize)
        }
        for note in model.notes { input.warn(note) }
    }
    if models.allSatisfy({ $0.captions == nil }) {
        if captions != nil || input.wasGiven("text") {
            input.warn("\(models[0].network.descriptor.name) reads no captions; they are not used")
        }
        // Images without a caption are no problem then.
        if captions != nil { (items, problems) = try imageItems(input, nil) }
        items = items.map(\.withoutCaption)
    } else if let model = models.first(where: { $0.captions != nil }), let item = items.first(where: { $0.caption == nil }) {
        throw CommandError(
            .usage,
            "\(model.checkpoint) is of a model that reads captions, and \(item.image) has none; give --captions FILE, --text SENTENCE for "
                + "all images, or --no-text"
        )
    }
    var predictor = BatchPredictor(
        models: models, batchSize: try input.integer("batch-size", in: 1...4096), workers: try input.integer("workers", in: 1...256))
    predictor.uncertainty = uncertainty
    for model in models { predictor.threshold = try calibrate(model, input, shards: nil).threshold }
    let settings = try PredictionFolder.Settings(
        models: models, precision: try input.string("precision"), threshold: predictor.threshold, uncertainty: uncertainty,
        shards: items.firstShards?.identity)
    let left = try folder.open(items, settings, overwrites: input.flag("overwrite"))
    if left.count < items.count { input.note("\(out): \(items.count - left.count) of \(items.count) images are done already") }
    try predict(input, left, of: items, predictor, folder, &problems, cancellation)
}

extension [BatchPredictor.Item] {
    /// The shards of a split's items; nil for files.
    fileprivate var firstShards: ShardSet? {
        for case .sample(let set, _) in lazy.map(\.source) { return set }
        return nil
    }
}

private func predict(
    _ input: CommandInput, _ left: [BatchPredictor.Item], of items: [BatchPredictor.Item],
    _ predictor: BatchPredictor, _ folder: PredictionFolder, _ problems: inout [String], _ cancellation: Cancellation
) throws {
    let encoding = LateProgress(input, "encoding captions", unit: "captions")
    var done = items.count - left.count, notes: [String] = [], found = problems
    // The rate is that of images: it begins when the captions are encoded.
    var line: ProgressLine?
    func begin() -> ProgressLine {
        let progress = line ?? ProgressLine("predicting", total: items.count, unit: "images", alreadyDone: done, console: input.console)
        line = progress
        return progress
    }
    let readers = predictor.models.count { $0.captions != nil }
    var encoded = 0
    if readers == 0, !left.isEmpty { _ = begin() }
    let isWhole = try predictor.run(
        left, into: folder, cancellation: cancellation,
        encoding: { count, total in
            encoding.update(count, of: total)
            // Each network encodes its captions.
            if count == total { encoded += 1 }
            if encoded == readers, !left.isEmpty { _ = begin() }
        }
    ) { item, result throws(SegmentingError) in
        let progress = begin()
        switch result {
        case .success(let made):
            try folder.add(made.row)
            notes += made.notes.map { "\(item.image): \($0)" }
        case .failure(let error): found.append("\(error)")
        }
        done += 1
        progress.update(done: done)
    }
    encoding.finish()
    line?.finish()
    problems = found
    if isWhole { try folder.finish(items) }
    for note in notes.prefix(mostLines) { input.warn(note) }
    if notes.count > mostLines { input.warn("and \(notes.count - mostLines) notes more of other images") }
    for problem in problems.prefix(mostLines) { input.warn(problem) }
    if problems.count > mostLines { input.warn("and \(problems.count - mostLines) images more") }
    guard isWhole else {
        throw CommandError(.cancelled, "stopped after \(done) of \(items.count) images; the same command goes on")
    }
    let bad = problems.count
    input.print("\(folder.path): \(folder.count) masks; \(PredictionFolder.tableName) has their measures")
    if bad > 0 { throw CommandError(.data, "\(bad) image\(bad == 1 ? " was" : "s were") not segmented, as said above") }
}

/// Lines of one kind that are printed.
private let mostLines = 20

/// The caption of all images that --text or --no-text gives.
private func commonCaption(_ input: CommandInput) -> String? { input.flag("no-text") ? "" : input.optionalString("text") }

private func shardItems(_ input: CommandInput, _ shards: String, _ split: String) throws -> ([BatchPredictor.Item], problems: [String]) {
    let set = try RunPreparation.open(shards, split: split), common = commonCaption(input)
    let items = try (0..<set.count).map { index in
        let (id, caption) = try set.texts(of: index)
        return BatchPredictor.Item(
            id: id, image: split + "/" + id, source: .sample(set, index), caption: common ?? caption,
            otherCaptions: try common == nil ? set.otherCaptions(of: index) ?? [] : [], number: index)
    }
    return (items, [])
}

private func imageItems(_ input: CommandInput, _ captions: String?) throws -> ([BatchPredictor.Item], problems: [String]) {
    let images = try imageFiles(input), common = commonCaption(input)
    let found = try captions.map { try ImageCaptions($0, images: images) }
    for note in found?.notes ?? [] { input.note(note) }
    var items: [BatchPredictor.Item] = [], problems: [String] = []
    for (index, image) in images.enumerated() {
        if let problem = found?.problems[index] {
            problems.append("\(image): \(problem)")
            continue
        }
        items.append(
            .init(
                id: FileName.stem(FileName.last(image)), image: image, source: .file(image), caption: common ?? found?.captions[index],
                number: stableNumber(image)))
    }
    return (items, problems)
}

/// A number that follows from a file's name alone, so that a job that goes on does not depend on what else is in the folder.
private func stableNumber(_ path: String) -> Int {
    Int(truncatingIfNeeded: (UInt64(Digest.sha256(FileName.last(path)).prefix(16), radix: 16) ?? 0) >> 1)
}

/// The files that --images names, each once, in the order of their names within a folder or pattern.
private func imageFiles(_ input: CommandInput) throws -> [String] {
    var files: [String] = [], seen = Set<String>()
    for path in input.strings("images") {
        var found: [String]
        if FileIO.isFolder(path) {
            let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
            found = try FileIO.list(folder).filter(FileName.isImage).filter { !FileName.isClutter($0) }.map { folder + "/" + $0 }
            if found.isEmpty { throw CommandError(.usage, "--images \(path): no image files in this folder") }
        } else if FileIO.exists(path) {
            found = [path]
        } else {
            found = matching(path)
            if found.isEmpty { throw CommandError(.usage, "--images \(path): no such file or folder, and no file matches it as a pattern") }
        }
        files += found.filter { seen.insert($0).inserted }
    }
    return files
}

/// The files that a shell's pattern matches, by name.
private func matching(_ pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }.filter(FileIO.isFile)
}
