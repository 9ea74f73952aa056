// `segment explain`: why a mask is where it is. Activation maps, what the words do, and which word looks where, as panels and one page.
import CommandLineTool
import Explaining
import Files
import Foundation
import Imaging
import Metrics
import Segmenting

let explainCommand = Command(
    name: "explain", summary: "Shows why a mask is where it is: activation maps, effects of words, attention.",
    discussion: """
        For one image, or for chosen samples of a shard folder. Writes a panel ID.png for each, with text also ID.attention.png, and \
        index.html and explanations.json of all. With text it leaves out each word, exchanges left and right and changes the number, and \
        shows how the probabilities change.
        """,
    options: checkpointOptions + [
        .value("image", "FILE", "a \(ImageFormat.list) image of any size"),
        Option.value("text", "SENTENCE", "the image's caption; needed by networks that read captions").takingEmpty().counting(
            .with("image")),
        Option.value("mask", "FILE", "the image's true mask, for the panel and for --target truth").counting(.with("image")),
        .value("shards", "DIR", "in place of --image: the shard folder of a dataset, such as shards/kvasir"),
        Option.choice("split", ["train", "val", "test"], default: "test", "the split to explain").counting(.with("shards")),
        Option.value("ids", "A,B", "samples of the split, separated by commas").counting(.with("shards")),
        Option.value("worst", "N", "the N samples of the split with the lowest Dice, worst first").counting(.with("shards")),
        .flag("no-text", "every caption is empty"),
        .flag("list-taps", "print the names and sizes of the network's feature maps, and write nothing"),
        .value("out", "DIR", "the folder for panels, index.html and explanations.json; needed unless --list-taps is given"),
        .value("tap", "NAMES", "feature maps, separated by commas (default: the last of each size); --list-taps prints them"),
        .value(
            "method", "NAMES", default: ActivationMethod.gradCAM.rawValue,
            "activation maps, one or several of \(ActivationMethod.allCases.map(\.rawValue).joined(separator: ", ")), separated by commas"),
        .choice("target", ["prediction", "truth"], default: "prediction", "explain the mean logit of the predicted or of the true mask"),
        Option.value("point", "X,Y", "explain one pixel in place of a mask: column and row in the original image's size, from 0"),
        .flag("no-words", "leave out effects of words and attention"),
        .flag("arrays", "write all maps as .npy too, float32"),
        OutputPlan.option.counting(.with("out")),
    ],
    examples: [
        "segment explain --run runs/kvasir --image polyp.jpg --text \"one small polyp located in top left\" --out why",
        "segment explain --run runs/kvasir --shards shards/kvasir --worst 12 --method grad-cam,hirescam --out why",
        "segment explain --run runs/unet --list-taps",
    ],
    oneOf: [checkpointChoice],
    atMostOne: [["image", "shards", "list-taps"], ["ids", "worst"], ["text", "no-text"]]
) { input in
    if input.flag("list-taps") {
        for tap in Explainer.taps(of: try openModel(input)) {
            input.print("\(tap.name): \(tap.width)x\(tap.height), \(tap.channels) channels")
        }
        return
    }
    let methods = try methods(input), target = try target(input)
    guard input.wasGiven("image") || input.wasGiven("shards") else {
        throw CommandError(.usage, "nothing to explain; give --image FILE, or --shards DIR with --ids or --worst")
    }
    let out = try input.string("out"), shards = input.optionalString("shards")
    for option in ["image", "mask"] {
        guard let path = input.optionalString(option), !FileIO.exists(path) else { continue }
        throw CommandError(.usage, "--\(option) \(path): no such file")
    }
    if shards != nil, !input.wasGiven("ids"), !input.wasGiven("worst") {
        throw CommandError(.usage, "--shards holds many samples; choose some with --ids A,B or --worst N")
    }
    let worst = try input.optionalInteger("worst", in: 1...10_000)
    var plan = OutputPlan(input)
    planModel(input, in: &plan)
    plan.reads(input.optionalString("image"), as: "--image")
    plan.reads(input.optionalString("mask"), as: "--mask")
    plan.readsFolder(shards, as: "--shards", keepsOutputsOut: true)
    plan.writesFolder(out, as: "--out")
    try plan.check()
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    let model = try openModel(input, vocabularies: shards.map { [$0 + "/vocab.txt"] } ?? [])
    for note in model.notes { input.warn(note) }
    let explainer = try Explainer(
        model, taps: input.optionalString("tap")?.split(separator: ",").map(String.init) ?? [], methods: methods, target: target,
        explainsWords: !input.flag("no-words"))
    if model.captions == nil, input.wasGiven("text") || input.flag("no-text") {
        input.warn("\(model.network.descriptor.name) reads no caption; --text and --no-text are not used")
    }
    let samples: [() throws -> ExplanationSample], ids: [String], subject: String
    if let shards {
        let set = try ShardSamples(
            shards: shards, split: try input.string("split"), model: model, withholdsText: input.flag("no-text"))
        let places: [Int]
        if let worst {
            places = try worstPlaces(worst, input, model: model, set: set, cancellation: cancellation)
        } else {
            places = try set.places(of: try input.string("ids").split(separator: ",").map(String.init))
        }
        samples = places.map { place in { try set.sample(at: place) } }
        ids = places.map { set.ids[$0] }
        subject = "\(shards), \(set.split) split, " + (worst == nil ? "\(ids.count) sample(s)" : "the \(ids.count) with the lowest Dice")
    } else {
        let image = try input.string("image")
        let caption = input.flag("no-text") ? "" : input.optionalString("text")
        if caption == nil, model.captions != nil { throw SegmentingError.captionMissing(checkpoint: model.checkpoint) }
        let sample = try ExplanationSample(
            image: image, mask: input.optionalString("mask"), caption: caption, predictor: Predictor(model: model))
        samples = [{ sample }]
        ids = [sample.id]
        subject = image
    }
    // A point may be inside one image and outside another; other targets are in every image.
    let isPoint = if case .point = target { true } else { false }
    for sample in samples.prefix(isPoint ? samples.count : 1) { try explainer.check(try sample()) }
    var folder = try ExplanationFolder(
        out, for: ids, explainer: explainer, subject: subject, writesArrays: input.flag("arrays"), overwrites: input.flag("overwrite"))
    let progress = input.progress("explaining", total: ids.count, unit: "samples")
    for (done, sample) in samples.enumerated() {
        if cancellation.isCancelled { throw ExplainingError.cancelled(folder: out, done: done) }
        let explanation = try explainer.explain(try sample())
        for note in explanation.notes { input.warn(note) }
        try folder.add(explanation)
        progress.update(done: done + 1)
    }
    progress.finish()
    try folder.finish()
    input.print("\(out)/index.html: \(ids.count) sample(s), \(explainer.taps.count) feature map(s) each")
}

/// The samples with the lowest Dice, worst first.
private func worstPlaces(
    _ count: Int, _ input: CommandInput, model: TrainedModel, set: ShardSamples, cancellation: Cancellation
) throws -> [Int] {
    var evaluator = Evaluator(
        model: model, shards: set.shards, split: set.split, variant: input.flag("no-text") && model.captions != nil ? .empty : .original,
        batchSize: 8, workers: 1)
    evaluator.resamples = 0
    evaluator.readsTraining = false
    let progress = EvaluationProgress(input, images: "finding the worst")
    let report = try evaluator.run(predictions: nil, cancellation: cancellation, progress: progress.update)
    let scores = report.samples.map { Dice.value($0.counts) }
    return Array(scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }.prefix(count))
}

private func methods(_ input: CommandInput) throws -> [ActivationMethod] {
    let list = try input.string("method")
    var methods: [ActivationMethod] = []
    for name in list.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
        guard let method = ActivationMethod(rawValue: name) else {
            let known = ActivationMethod.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandError(.usage, "--method is \(list); expected \(known), one or several separated by commas without blanks")
        }
        guard !methods.contains(method) else { throw CommandError(.usage, "--method names \(name) twice") }
        methods.append(method)
    }
    return methods
}

private func target(_ input: CommandInput) throws -> TargetChoice {
    guard let point = input.optionalString("point") else {
        guard try input.string("target") == "truth" else { return .prediction }
        if input.wasGiven("image"), !input.wasGiven("mask") {
            throw CommandError(.usage, "--target truth needs --mask FILE, the true mask of the image")
        }
        return .truth
    }
    if input.wasGiven("target") { throw CommandError(.usage, "--point and --target exclude each other; give one of them") }
    let numbers = point.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let column = numbers[0], let row = numbers[1] else {
        throw CommandError(.usage, "--point is \(point); expected a column and a row, such as 120,84")
    }
    return .point(column: column, row: row)
}
