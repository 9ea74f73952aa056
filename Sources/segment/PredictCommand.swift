// `segment predict`: predicts one mask from one image and, if the network reads text, one sentence.
import CommandLineTool
import Files
import Foundation
import Imaging
import NumPyFiles
import Segmenting

let predictCommand = Command(
    name: "predict", summary: "Segments one image, by one sentence where the network reads captions.",
    options: checkpointOptions + [
        .value("image", "FILE", required: true, "a \(ImageFormat.list) image of any size"),
        .value("text", "SENTENCE", "the caption: what to segment, and where it lies; needed by networks that read captions").takingEmpty(),
        .flag("no-text", "in place of --text: withhold the caption; the model sees the empty one"),
        .value("out", "FILE", required: true, "the mask, PNG of 0 and 255 at the image's own size"),
        .value("overlay", "FILE", "the image with the mask's outline, PNG or JPEG by the ending of its name"),
        .value("probabilities", "FILE", "the model's probabilities, float32 .npy at the model's own size"),
        OutputPlan.option,
    ],
    examples: [
        "segment predict --run runs/kvasir --image polyp.jpg --text \"one small polyp located in top left\" --out mask.png "
            + "--overlay overlay.png",
        "segment predict --run runs/unet --image polyp.jpg --out mask.png",
    ],
    oneOf: [checkpointChoice], atMostOne: [["text", "no-text"]]
) { input in
    let out = try input.string("out"), image = try input.string("image")
    let overlay = input.optionalString("overlay"), probabilities = input.optionalString("probabilities")
    try checkEnding(out, "out", ["png"], "JPEG changes values, and a mask's are 0 and 255")
    try checkEnding(overlay, "overlay", ["png", "jpg", "jpeg"])
    try checkEnding(probabilities, "probabilities", ["npy"])
    guard FileIO.exists(image) else { throw CommandError(.usage, "--image \(image): no such file") }
    var plan = OutputPlan(input)
    plan.reads(image, as: "--image")
    planModel(input, in: &plan)
    let picture = OutputKind("picture that segment wrote", isOwn: PictureMark.isOn)
    plan.writes(out, as: "--out", picture)
    plan.writes(overlay, as: "--overlay", picture)
    plan.writes(probabilities, as: "--probabilities", OutputKind("map of probabilities", isOwn: NPY.isProbabilities))
    try plan.check()
    let text = input.flag("no-text") ? "" : input.optionalString("text")
    let predictor = Predictor(model: try openModel(input))
    let prediction = try predictor.predict(image: image, caption: text)
    for note in prediction.notes { input.warn(note) }
    try prediction.write(mask: out, overlay: overlay, probabilities: probabilities)
    let foreground = prediction.mask.pixels.reduce(0) { $0 + Int($1) }
    let share = Double(foreground) * 100 / Double(max(1, prediction.mask.pixels.count))
    input.print("\(out): \(prediction.mask.width)x\(prediction.mask.height), \((share * 100).rounded() / 100) % foreground")
}

/// The ending of a file's name states its kind. A device or pipe needs no ending.
private func checkEnding(_ path: String?, _ option: String, _ endings: [String], _ notJPEG: String? = nil) throws(CommandError) {
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
