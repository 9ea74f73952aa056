// A few validation samples as their predictions evolve: for each the image with the outlines of truth and prediction, at some of the epochs
// so far. Each image is in the document once.
import Foundation

enum SampleFilms {
    /// Frames of a sample.
    static let most = 10
    private static let captionCharacters = 300

    static func html(_ run: RunRecord) -> String {
        guard !run.samples.isEmpty else { return "<p class=quiet>No samples.</p>" }
        let shown = chosen(run.outlines.map(\.epoch), best: run.best?.number).map { run.outlines[$0] }
        let which =
            run.outlines.isEmpty
            ? "Predictions follow at the first epoch's end."
            : run.outlines.count == shown.count ? "" : "\(shown.count) of \(run.outlines.count) epochs; outlines.jsonl has all."
        let key =
            "<div class=key><span><i class=key-truth></i>truth</span><span><i class=key-predicted></i>prediction</span>"
            + "<label class=switch><input type=checkbox id=outlines checked> outlines</label></div>"
        let films = run.samples.enumerated().map { film($0.element, number: $0.offset, shown, best: run.best?.number) }
        return "<p>The first \(run.samples.count) samples of the validation split. \(which)</p>\(key)\(films.joined())"
    }

    private static func film(_ sample: RunRecord.Sample, number: Int, _ shown: [SampleOutlines], best: Int?) -> String {
        let width = sample.width, height = sample.height, name = "sample\(number + 1)"
        let data = Data(sample.jpeg).base64EncodedString(), truth = outline(sample.truth, "light", of: sample)
        let image = "<g id=\(name)><image href=\"data:image/jpeg;base64,\(data)\" width=\(width) height=\(height)></image>\(truth)</g>"
        var frames = [frame(sample, "truth", content: image)]
        for epoch in shown {
            guard let one = epoch.samples.first(where: { $0.id == sample.id }) else { continue }
            let dice = one.dice.map { "Dice " + Markup.number($0 * 100, digits: 0) } ?? "empty"
            let title = "epoch \(epoch.epoch)" + (epoch.epoch == best ? ", best" : "")
            let content = "<use href=\"#\(name)\"></use>" + outline((one.side, one.path), "predicted", of: sample)
            frames.append(frame(sample, title, dice, content: content))
        }
        let text = sample.caption.map { caption in
            Markup.escaped(String(caption.prefix(captionCharacters))) + (caption.count > captionCharacters ? " ..." : "")
        }
        return
            "<h3>\(Markup.escaped(sample.id))\(text.map { "<span class=quiet>: \($0)</span>" } ?? "")</h3>"
            + "<div class=film>\(frames.joined())</div>"
    }

    private static func frame(_ sample: RunRecord.Sample, _ title: String, _ note: String = "", content: String) -> String {
        "<figure><svg class=picture viewBox=\"0 0 \(sample.width) \(sample.height)\" role=img "
            + "aria-label=\"\(Markup.escaped(sample.id)), \(title)\">\(content)</svg><figcaption>\(title)<span>\(note)</span></figcaption></figure>"
    }

    /// - Parameter drawn: a path, and the longer side of the picture that it belongs to.
    private static func outline(_ drawn: (side: Int, path: String), _ kind: String, of sample: RunRecord.Sample) -> String {
        let path = drawn.path, scale = Double(max(sample.width, sample.height)) / Double(max(1, drawn.side))
        if path.isEmpty { return "" }
        let place = scale == 1 ? "" : " transform=\"scale(\(Markup.number(scale, digits: 5)))\""
        return "<path class=outline d=\"\(path)\"\(place)></path><path class=\"outline \(kind)\" d=\"\(path)\"\(place)></path>"
    }

    /// Places in a list of epochs: all if they are few, else the first, the last, the best, and others, closer together where a network
    /// changes fastest, at the beginning.
    static func chosen(_ epochs: [Int], best: Int?) -> [Int] {
        guard epochs.count > most else { return Array(epochs.indices) }
        var places = Set<Int>()
        if let best, let place = epochs.firstIndex(of: best) { places.insert(place) }
        let count = most - places.count
        for index in 0..<count {
            let share = Double(index) / Double(count - 1)
            places.insert(Int((share * share * Double(epochs.count - 1)).rounded()))
        }
        // Rounding may have given a place twice.
        for place in epochs.indices where places.count < most { places.insert(place) }
        return places.sorted()
    }
}
