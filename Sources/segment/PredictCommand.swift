// `segment predict`: predicts one mask from one image and, if the network reads text, one sentence. For checks against other
// implementations, arrays take their places. Many images: PredictManyCommand.
import CommandLineTool
import Files
import Foundation
import Imaging
import Metrics
import ModelOptions
import NumPyFiles
import Segmenting

let predictCommand = Command(
    name: "predict", summary: "Segments one image or many, by a sentence each where the network reads captions.",
    discussion: """
        Many images, with --images or --shards, are computed in batches. If the job is stopped, the same command goes on where it was. \
        For checks against other implementations, the inputs and outputs can be NumPy arrays: a normalised image, text features or tokens, \
        and the probabilities.
        """,
    options: checkpointOptions.map { option in
        switch option.name {
        case "text-encoder": option.counting(.without(["text-features"]))
        case "run":
            .list(
                "run", "DIR", "a run's folder; its best.safetensors is used. Of several, with many images, the mean of their probabilities")
        default: option
        }
    } + [
        .choice("model", ModelChoice.names, "the network of the checkpoint; else its metadata or its tensors decide"),
        ModelChoice.options,
        .value(
            "image", "FILE",
            "a \(ImageFormat.list) image of any size; or .npy, float32 (H, W, 3), normalised and resized, in the network's "
                + "order of channels"
        ),
        .value("text", "SENTENCE", "the caption: what to segment, and where it is; needed by networks that read captions").takingEmpty(),
        .flag("no-text", "in place of --text: the model gets an empty caption"),
        Option.value("text-features", "FILE", "in place of --text: .npy, float32 (N, D), the text encoder's last hidden state")
            .counting(.with("image")),
        Option.value("tokens", "FILE", "in place of --text: .npy, int32 (N,), token ids with their padding; needs --text-mask")
            .counting(.with("image")),
        Option.value("text-mask", "FILE", ".npy, int32 (N,), 1 for each of --tokens and 0 for padding").counting(.with("tokens")),
        .value(
            "out", "FILE",
            "the mask, PNG of 0 and 255 at the image's own size; needed unless --probabilities is given; of many images, a folder"),
        Option.value("overlay", "FILE", "the image with the mask's outline, PNG or JPEG by its extension").counting(.with("image")),
        .value(
            "probabilities", "FILE", "the model's probabilities, float32 .npy (H, W) at the model's own size; of many images, a folder"),
        Option.value(
            "uncertainty", UncertaintyKind.values,
            "the mean of several predictions in place of one: T passes with dropout; flips, with the caption's sides exchanged; the "
                + "caption, others of the image in shards, and paraphrases; several --run. Of many images, a column for each measure"
        ),
        Option.value(
            "uncertainty-map", "FILE",
            "the predictive entropy: PNG or JPEG from dark to light at the image's own size, or float32 .npy (H, W) in nats at the "
                + "model's; of many images, a folder for ID.png"
        ).counting(.with("uncertainty")),
    ] + calibrationOptions + predictManyOptions + [OutputPlan.option],
    examples: [
        "segment predict --run runs/kvasir --image polyp.jpg --text \"one small polyp located in top left\" --out mask.png "
            + "--overlay overlay.png",
        "segment predict --run runs/unet --image polyp.jpg --out mask.png",
        "segment predict --run runs/kvasir --images scans --captions captions.csv --out masks --overlays overlays",
        "segment predict --model ariadne --checkpoint best.ckpt --image x.npy --text-features text.npy --probabilities p.npy",
    ],
    oneOf: [checkpointChoice, ["image", "images", "shards"]], atMostOne: [["text", "no-text", "captions", "text-features", "tokens"]]
) { input in
    if asksForMany(input) { return try predictMany(input) }
    let out = input.optionalString("out"), image = try input.string("image")
    let overlay = input.optionalString("overlay"), probabilities = input.optionalString("probabilities")
    let uncertainty = try uncertaintyKind(input), map = input.optionalString("uncertainty-map")
    if uncertainty == .ensemble || input.strings("run").count > 1 {
        throw CommandError(.usage, "several networks segment many images: give --images \(image) in place of --image, and several --run")
    }
    guard out != nil || overlay != nil || probabilities != nil || map != nil else {
        throw CommandError(.usage, "nothing would be written; give --out FILE for the mask, or --probabilities FILE")
    }
    try checkEnding(map, "uncertainty-map", ["png", "jpg", "jpeg", "npy"])
    try checkEnding(out, "out", ["png"], "JPEG changes values, and a mask's are 0 and 255")
    try checkEnding(overlay, "overlay", ["png", "jpg", "jpeg"])
    try checkEnding(probabilities, "probabilities", ["npy"])
    guard FileIO.exists(image) else { throw CommandError(.usage, "--image \(image): no such file") }
    for option in ["text-features", "tokens", "text-mask"] {
        guard let path = input.optionalString(option), !FileIO.exists(path) else { continue }
        throw CommandError(.usage, "--\(option) \(path): no such file")
    }
    if input.wasGiven("tokens"), !input.wasGiven("text-mask") {
        throw CommandError(.usage, "--tokens needs --text-mask FILE, which tells tokens from padding")
    }
    var plan = OutputPlan(input)
    plan.reads(image, as: "--image")
    for option in ["text-features", "tokens", "text-mask"] { plan.reads(input.optionalString(option), as: "--" + option) }
    plan.reads(input.optionalString("calibration"), as: "--calibration")
    planModel(input, in: &plan)
    let picture = OutputKind("picture that segment wrote", isOwn: PictureMark.isOn)
    plan.writes(out, as: "--out", picture)
    plan.writes(overlay, as: "--overlay", picture)
    plan.writes(probabilities, as: "--probabilities", OutputKind("map of probabilities", isOwn: NPY.isProbabilities))
    plan.writes(
        map, as: "--uncertainty-map",
        OutputKind("map of uncertainty", isOwn: { $0.lowercased().hasSuffix(".npy") ? NPY.isProbabilities($0) : PictureMark.isOn($0) }))
    try plan.check()
    let source = try PredictionImage(path: image), text = try predictionText(input)
    if case .array = source, overlay != nil {
        throw CommandError(.usage, "--overlay draws on an image file, but --image \(image) is an array; leave --overlay out")
    }
    var predictor = Predictor(model: try openModel(input, request: try modelRequest(input), text: textSource(text)))
    predictor.threshold = try calibrate(predictor.model, input, shards: nil).threshold
    predictor.uncertainty = uncertainty
    let prediction = try predictor.predict(source, text: text)
    for note in prediction.notes { input.warn(note) }
    try prediction.write(mask: out, overlay: overlay, probabilities: probabilities, uncertainty: map)
    let mask = prediction.mask, foreground = mask.pixels.reduce(0) { $0 + Int($1) }
    let share = Double(foreground) * 100 / Double(max(1, mask.pixels.count))
    let written = out ?? overlay ?? probabilities ?? map ?? ""
    let entropy = prediction.uncertainty.flatMap { UncertaintyMaps.mean(of: $0.entropy) }.map { value in
        ", mean entropy \(String(format: "%.4f", value)) nats"
    }
    input.print("\(written): \(mask.width)x\(mask.height), \((share * 100).rounded() / 100) % foreground" + (entropy ?? ""))
}

/// The one text that was given; files of arrays are read and checked.
private func predictionText(_ input: CommandInput) throws -> PredictionText {
    if input.flag("no-text") { return .caption("") }
    if let features = input.optionalString("text-features") { return try .features(path: features) }
    if let tokens = input.optionalString("tokens") { return try .tokens(path: tokens, mask: try input.string("text-mask")) }
    return input.optionalString("text").map { .caption($0) } ?? .none
}

private func textSource(_ text: PredictionText) -> TextSource {
    switch text {
    case .none, .caption: .captions
    case .tokens: .tokens
    case .features(_, let shape, let path): .features(shape, path: path)
    }
}

/// What --model and --model-option say of the checkpoint.
func modelRequest(_ input: CommandInput) throws -> ModelRequest {
    ModelRequest(name: input.optionalString("model"), options: try ModelChoice.pairs(input))
}

/// The ending of a file's name states its kind. A device or pipe needs no ending.
func checkEnding(_ path: String?, _ option: String, _ endings: [String], _ notJPEG: String? = nil) throws(CommandError) {
    guard let path, !FileIO.exists(path) || FileIO.isFile(path) else { return }
    let ending = (path as NSString).pathExtension.lowercased()
    if endings.contains(ending) { return }
    let stem = ending.isEmpty ? path : (path as NSString).deletingPathExtension
    let reason = ["jpg", "jpeg"].contains(ending) ? notJPEG.map { "\($0): " } ?? "" : ""
    throw CommandError(
        .usage,
        "--\(option) \(path): \(reason)expected a name that ends in \(endings.map { "." + $0 }.joined(separator: " or ")), such as "
            + "\(stem).\(endings[0])"
    )
}
