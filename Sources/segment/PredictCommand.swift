// `segment predict`: one image, one sentence, one mask.
import CommandLineTool
import Imaging
import Segmenting

let predictCommand = Command(
    name: "predict", summary: "Segments one image by one sentence.",
    options: checkpointOptions + [
        .value("image", "FILE", required: true, "a \(ImageFormat.list) image of any size"),
        .value("text", "SENTENCE", required: true, "the caption: what to segment, and where it lies"),
        .flag("no-text", "withhold the caption: the model sees the empty one"),
        .value("out", "FILE", required: true, "the mask, PNG of 0 and 255 at the image's own size"),
        .value("overlay", "FILE", "the image with the mask's outline, PNG"),
        .value("probabilities", "FILE", "the probabilities as the model made them, 224x224 float32 .npy"),
    ],
    examples: [
        "segment predict --run runs/kvasir --image polyp.jpg --text \"one small polyp located in top left\" --out mask.png --overlay overlay.png"
    ]
) { input in
    let out = try input.string("out")
    let image = try input.string("image")
    let text = input.flag("no-text") ? "" : try input.string("text")
    let predictor = Predictor(model: try openModel(input))
    let prediction = try predictor.predict(image: image, caption: text)
    for note in prediction.notes { input.warn(note) }
    try prediction.write(
        mask: out, overlay: input.optionalString("overlay"), probabilities: input.optionalString("probabilities"))
    let foreground = prediction.mask.pixels.reduce(0) { $0 + Int($1) }
    let share = Double(foreground) * 100 / Double(max(1, prediction.mask.pixels.count))
    input.print("\(out): \(prediction.mask.width)x\(prediction.mask.height), \((share * 100).rounded() / 100) % foreground")
}
