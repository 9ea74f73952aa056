// Dice of each image under two runs as SVG: a point above the diagonal is an image on which the run is better than the first. Colours are
// the style sheet's.
import Reports

package enum ScatterPlot {
    private static let side = 340.0, left = 40.0, right = 12.0, top = 10.0, bottom = 36.0

    package struct Point: Sendable, Equatable {
        let id: String
        let x: Double, y: Double

        package init(id: String, x: Double, y: Double) {
            self.id = id
            self.x = x
            self.y = y
        }
    }

    /// - Parameter points: values from 0 to 1.
    package static func svg(_ points: [Point], xName: String, yName: String) -> String {
        guard let lowest = points.map({ min($0.x, $0.y) }).min() else { return "<p class=quiet>nothing to draw</p>" }
        // The axes begin at a full tenth and have room for at least two.
        let start = min((lowest * 10).rounded(.down), 8), ticks = Int(start)...10
        let span = side - left - right, rise = side - top - bottom
        func x(_ value: Double) -> Double { left + span * (value * 10 - start) / (10 - start) }
        func y(_ value: Double) -> Double { side - bottom - rise * (value * 10 - start) / (10 - start) }
        var body = ""
        for tick in ticks where ticks.count <= 6 || tick % 2 == 0 {
            let share = Double(tick) / 10
            body +=
                "<line class=rule x1=\(n(left)) x2=\(n(side - right)) y1=\(n(y(share))) y2=\(n(y(share)))></line>"
                + "<line class=rule y1=\(n(top)) y2=\(n(side - bottom)) x1=\(n(x(share))) x2=\(n(x(share)))></line>"
                + "<text x=\(n(left - 5)) y=\(n(y(share) + 3.5)) text-anchor=end>\(tick * 10)</text>"
                + "<text x=\(n(x(share))) y=\(n(side - bottom + 13)) text-anchor=middle>\(tick * 10)</text>"
        }
        let low = start / 10
        body += "<line class=diagonal x1=\(n(x(low))) y1=\(n(y(low))) x2=\(n(x(1))) y2=\(n(y(1)))></line>"
        for point in points {
            body +=
                "<circle class=point cx=\(n(x(point.x))) cy=\(n(y(point.y))) r=3.2><title>\(Markup.escaped(point.id)): "
                + "\(n(point.x * 100)) and \(n(point.y * 100))</title></circle>"
        }
        body +=
            "<text class=axis x=\(n((left + side - right) / 2)) y=\(n(side - 5)) text-anchor=middle>\(Markup.escaped(xName))</text>"
            + "<text class=axis transform=\"translate(11 \(n((top + side - bottom) / 2))) rotate(-90)\" "
            + "text-anchor=middle>\(Markup.escaped(yName))</text>"
        return
            "<svg viewBox=\"0 0 \(n(side)) \(n(side))\" role=img aria-label=\"\(Markup.escaped("\(yName) against \(xName)"))\">\(body)</svg>"
    }

    private static func n(_ value: Double) -> String { Markup.number(value, digits: 2) }
}
