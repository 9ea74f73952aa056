// The charts of a run: terms of the loss by step and epoch, scores, learning rate, images per second, all over epochs.
import Foundation

enum RunCharts {
    /// Points of an epoch's line; longer lines are means of neighbours.
    static let mostPoints = 320

    static func losses(_ run: RunRecord) -> String {
        let parts = run.steps.names.filter { $0 != "learning_rate" && $0 != "loss" }
        // A loss of one part is that part.
        let names = ["loss"] + (parts.count > 1 ? parts.sorted() : [])
        let figures = names.map { name -> String in
            let column = name == "loss" ? "loss" : name + "_loss"
            let chart = LineChart(
                [
                    .init("steps", .faint, run.steps.points(name)),
                    .init("epochs, training", .blue, line(run, "train_" + column), dots: true),
                    .init("epochs, validation", .red, line(run, "val_" + column), dots: true),
                ], axis: "epoch", upTo: end(run), marks: marks(run))
            return Markup.figure(name == "loss" ? "The whole loss" : Markup.escaped(name), "", chart.html(), wide: name == "loss")
        }
        return "<div class=plots>\(figures.joined())</div>"
    }

    static func scores(_ run: RunRecord) -> String {
        var titles: [String] = []
        for score in run.scores where !titles.contains(score.title) { titles.append(score.title) }
        let colours: [LineChart.Colour] = [.blue, .green, .red, .grey]
        let figures = titles.map { title -> String in
            let lines = zip(run.scores.filter { $0.title == title }, colours).map { score, colour in
                LineChart.Series(score.scope, colour, line(run, "val_" + score.column), dots: true)
            }
            let chart = LineChart(lines, axis: "epoch", upTo: end(run), marks: marks(run), percent: true)
            return Markup.figure(Markup.escaped(title), "", chart.html())
        }
        return "<div class=plots>\(figures.joined())</div>"
    }

    static func pace(_ run: RunRecord) -> String {
        let rates = run.timings.map { (x: Double($0.epoch), y: $0.imagesPerSecond) }
        let training = run.timings.map { (x: Double($0.epoch), y: $0.seconds) }
        let validation = run.timings.map { (x: Double($0.epoch), y: $0.validationSeconds) }
        func chart(_ series: [LineChart.Series]) -> String { LineChart(series, axis: "epoch", upTo: end(run), fromZero: true).html() }
        let figures = [
            Markup.figure("Learning rate", "", chart([.init("learning rate", .blue, run.steps.points("learning_rate"))])),
            Markup.figure(
                "Images per second", "of the training steps", chart([.init("images per second", .blue, thinned(rates), dots: true)])),
            Markup.figure(
                "Seconds of an epoch", "",
                chart([.init("training", .blue, thinned(training), dots: true), .init("validation", .red, thinned(validation), dots: true)])
            ),
        ]
        return "<div class=plots>\(figures.joined())</div>"
    }

    /// The values of a column at the ends of whole epochs.
    private static func line(_ run: RunRecord, _ column: String) -> [(x: Double, y: Double)] {
        thinned(run.wholeEpochs.compactMap { epoch in epoch.values[column].map { (x: Double(epoch.number), y: $0) } })
    }

    private static func marks(_ run: RunRecord) -> [LineChart.Mark] {
        run.best.map { [.init(x: Double($0.number), text: "best: \($0.number)")] } ?? []
    }

    /// While a run is young, an axis to its last planned epoch would press all that there is into a corner.
    private static func end(_ run: RunRecord) -> Double { Double(min(run.plannedEpochs, max(1, run.wholeEpochs.count * 2))) }

    static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        guard points.count > mostPoints else { return points }
        let size = (points.count + mostPoints - 1) / mostPoints
        return stride(from: 0, to: points.count, by: size).map { start in
            let part = points[start..<min(start + size, points.count)], count = Double(part.count)
            let x: Double = part.reduce(0) { $0 + $1.x }, y: Double = part.reduce(0) { $0 + $1.y }
            return (x: x / count, y: y / count)
        }
    }
}
