// The report of a training as a single self-contained HTML document: where it is, its curves, a few validation samples as they evolve,
// settings. A function of a RunRecord. Not for measuring or for writing the file (the caller).
// Invariant: its size is bounded, however long the run is.
import Foundation

package enum RunPage {
    package static let generator = "swift-vlseg train"
    /// Rows of the table of epochs.
    private static let mostRows = 120

    package static func html(_ run: RunRecord) -> String {
        let sections: [(id: String, title: String, content: String)] = [
            ("loss", "Loss", RunCharts.losses(run)),
            ("scores", "Validation scores", RunCharts.scores(run)),
            ("samples", "Validation samples", SampleFilms.html(run)),
            ("pace", "Learning rate and pace", RunCharts.pace(run)),
            ("epochs", "Epochs", epochs(run)),
            ("settings", "Settings", settings(run)),
        ]
        let title = Markup.escaped(run.name)
        let links = sections.map { "<a href=\"#\($0.id)\">\($0.title)</a>" }.joined()
        let body =
            "<header><h1>\(title)</h1><div class=meta>training report</div><nav>\(links)</nav></header>\n\(overview(run))\n"
            + sections.map { Markup.section($0.id, $0.title, $0.content) }.joined()
        return PageDocument.html(title: "\(title): training report", generator: generator, style: RunStyle.css, body: body)
    }

    private static func overview(_ run: RunRecord) -> String {
        var boxes = ""
        func box(_ value: String?, _ what: String) {
            boxes += "<div class=number><b>\(value ?? "-")</b><span>\(Markup.escaped(what))</span></div>"
        }
        let best = run.best
        box("\(run.wholeEpochs.count) / \(run.plannedEpochs)", "epochs")
        if !run.hasEnded {
            box(run.secondsLeft.map(duration), run.status == .running ? "left, at most" : "left, at most, after --resume")
        }
        box(best.map { "epoch \($0.number)" }, "best: the lowest validation loss")
        box(best?.values["val_loss"].map(short), "its validation loss")
        if let score = run.scores.first {
            box(best?.values["val_" + score.column].map { Markup.percent($0) }, "its \(score.title), \(score.scope)")
        }
        let rate = run.timings.last?.imagesPerSecond
        box(rate.map { Markup.number($0, digits: $0 < 10 ? 2 : 0) }, "images/s")
        let items = findings(run).map { "<li class=\($0.level)>\($0.text)</li>" }.joined()
        return "<div class=numbers-row>\(boxes)</div><ul class=findings>\(items)</ul>"
    }

    private static func findings(_ run: RunRecord) -> [(level: String, text: String)] {
        var found: [(level: String, text: String)] = []
        let whole = run.wholeEpochs
        switch run.status {
        case .running: found.append(("good", "The run goes on; this page is renewed after an epoch. Load it again to see more."))
        case .finished: found.append(("good", "The run is finished."))
        case .stoppedEarly(let epoch):
            found.append(("good", "The run stopped after epoch \(epoch): the validation loss no longer fell."))
        case .stopped(let step):
            found.append(("warn", "The run was stopped after step \(step); <code>train --resume</code> continues it."))
        }
        if let partial = run.epochs.last, !partial.isWhole {
            let scores = partial.values["val_loss"] == nil ? "it has no scores yet" : "its scores are those of step \(partial.step)"
            found.append(("warn", "Epoch \(partial.number) is not whole: \(scores)."))
        }
        if let best = run.best, let last = whole.last, last.number - best.number >= 5 {
            found.append(("warn", "No epoch since epoch \(best.number) has a lower validation loss."))
        }
        return found
    }

    private static func epochs(_ run: RunRecord) -> String {
        guard !run.epochs.isEmpty else { return "<p class=quiet>No epoch has ended yet.</p>" }
        let scores = run.scores.prefix(2)
        let best = run.best
        let rows = run.epochs.map { epoch -> [String] in
            var name = "\(epoch.number)"
            if !epoch.isWhole { name += " (not whole)" }
            if epoch == best { name += " <b>best</b>" }
            var row = [name, "\(epoch.step)"]
            for column in ["train_loss", "val_loss"] { row.append(epoch.values[column].map(short) ?? "") }
            for score in scores { row.append(epoch.values["val_" + score.column].map { Markup.percent($0) } ?? "") }
            return row
        }
        let head: [String] = ["epoch", "step", "loss", "validation loss"] + scores.map { Markup.escaped("\($0.title), \($0.scope)") }
        var shown = Array(rows.suffix(mostRows)), before = ""
        if rows.count > mostRows {
            before = "<p class=quiet>The last \(mostRows) of \(rows.count) epochs; metrics.csv has all.</p>"
            if let best = run.best, let place = run.epochs.firstIndex(of: best), place < rows.count - mostRows {
                shown.insert(rows[place], at: 0)
            }
        }
        return before + Markup.table(head, shown)
    }

    private static func settings(_ run: RunRecord) -> String {
        Markup.table(["setting", "value"], run.settings.map { [Markup.escaped($0.name), Markup.escaped($0.value)] }, numeric: false)
    }

    /// A number with four figures.
    static func short(_ value: Double) -> String { String(format: "%.4g", value) }

    /// "2 h 5 min", "40 s".
    static func duration(_ seconds: Double) -> String {
        let whole = Int(max(0, min(seconds, 1e9)).rounded())
        if whole < 100 { return "\(whole) s" }
        let minutes = (whole + 30) / 60
        if minutes < 120 { return "\(minutes) min" }
        return minutes < 48 * 60 ? "\(minutes / 60) h \(minutes % 60) min" : "\(minutes / 1440) d \(minutes % 1440 / 60) h"
    }
}
