// A chart of lines over numbers, as SVG: several series on one pair of axes, with places marked on the horizontal one. The page's style
// sheet sets the colours. Invariant: whatever the values, nothing is drawn outside the axes, and values that are no numbers are left out.
import Foundation

package struct LineChart {
    package enum Colour: String, Sendable {
        case red, green, blue, grey
        /// For what lies behind the other lines, such as single steps behind an epoch's mean.
        case faint
    }

    package struct Series: Sendable {
        package var name: String
        package var colour: Colour
        package var points: [(x: Double, y: Double)]
        /// Draws a dot at each point, where there are few.
        package var dots: Bool

        package init(_ name: String, _ colour: Colour, _ points: [(x: Double, y: Double)], dots: Bool = false) {
            self.name = name
            self.colour = colour
            self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
            self.dots = dots
        }
    }

    /// A vertical line with its text.
    package struct Mark: Sendable {
        package var x: Double
        package var text: String

        package init(x: Double, text: String) {
            self.x = x
            self.text = text
        }
    }

    package var series: [Series]
    /// The title of the horizontal axis.
    package var axis: String
    /// Lengthens the horizontal axis beyond the points, as to the end of a run.
    package var upTo: Double?
    package var marks: [Mark] = []
    /// The vertical axis begins at 0.
    package var fromZero = false
    /// Values are shares; the axis shows percentages.
    package var percent = false

    package init(_ series: [Series], axis: String, upTo: Double? = nil, marks: [Mark] = [], fromZero: Bool = false, percent: Bool = false) {
        self.series = series
        self.axis = axis
        self.upTo = upTo
        self.marks = marks
        self.fromZero = fromZero
        self.percent = percent
    }

    private static let width = 420.0, height = 190.0, left = 50.0, right = 14.0, top = 12.0, bottom = 34.0

    /// The chart with a key of its lines where there is more than one.
    package func html() -> String {
        let shown = series.filter { !$0.points.isEmpty }
        guard !shown.isEmpty else { return "<p class=quiet>nothing to draw yet</p>" }
        let key = shown.map { "<span><i class=\"key-\($0.colour.rawValue)\"></i>\(Markup.escaped($0.name))</span>" }.joined()
        return svg(shown) + (shown.count > 1 ? "<div class=key>\(key)</div>" : "")
    }

    private func svg(_ shown: [Series]) -> String {
        let xs: [Double] = shown.flatMap { $0.points.map(\.x) }
        let low: Double = min(0, xs.min() ?? 0)
        let high: Double = max(upTo ?? low, xs.max() ?? 0, low + 1e-9)
        let vertical = Self.vertical(shown, fromZero: fromZero)
        let w: Double = Self.width - Self.left - Self.right, h: Double = Self.height - Self.top - Self.bottom
        func x(_ value: Double) -> Double {
            let share: Double = (value - low) / (high - low)
            return Self.left + w * min(1, max(0, share))
        }
        func y(_ value: Double) -> Double {
            let share: Double = (value - vertical.low) / (vertical.high - vertical.low)
            return Self.top + h * (1 - min(1, max(0, share)))
        }
        func text(_ words: String, _ x: Double, _ y: Double, _ anchor: String) -> String {
            "<text x=\(n(x)) y=\(n(y)) text-anchor=\(anchor)>\(words)</text>"
        }
        func rule(_ kind: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
            "<line class=\(kind) x1=\(n(x1)) x2=\(n(x2)) y1=\(n(y1)) y2=\(n(y2))></line>"
        }
        let scale: Double = percent ? 100 : 1, digits = Self.digits(vertical.ticks, scale)
        var body = ""
        for tick in vertical.ticks {
            let words = Markup.number(tick * scale, digits: digits) + (percent ? " %" : "")
            body += rule("rule", Self.left, y(tick), Self.width - Self.right, y(tick))
            body += text(words, Self.left - 5, y(tick) + 3.5, "end")
        }
        for tick in Self.ticks(low, high) where tick >= low && tick <= high {
            body += text(Markup.number(tick, digits: 3), x(tick), Self.height - Self.bottom + 13, "middle")
        }
        for mark in marks {
            let place = x(mark.x), isRight = place > Self.left + w * 0.7
            body += rule("mark", place, Self.top, place, Self.top + h)
            body += text(Markup.escaped(mark.text), isRight ? place - 4 : place + 4, Self.top + 8, isRight ? "end" : "start")
        }
        for line in shown {
            let points: [(x: Double, y: Double)] = line.points.map { (x: x($0.x), y: y($0.y)) }
            let colour = line.colour.rawValue
            if points.count > 1 {
                let list = points.map { n($0.x) + "," + n($0.y) }.joined(separator: " ")
                body += "<polyline class=\"line \(colour)\" points=\"\(list)\"><title>\(Markup.escaped(line.name))</title></polyline>"
            }
            if points.count == 1 || line.dots && points.count <= 40 {
                for point in points { body += "<circle class=\"dot \(colour)\" cx=\(n(point.x)) cy=\(n(point.y)) r=2.2></circle>" }
            }
        }
        body += text(Markup.escaped(axis), Self.left + w / 2, Self.height - 5, "middle")
        let label = Markup.escaped(shown.map(\.name).joined(separator: ", ") + " by " + axis)
        return "<svg viewBox=\"0 0 \(n(Self.width)) \(n(Self.height))\" role=img aria-label=\"\(label)\">\(body)</svg>"
    }

    /// The vertical axis. Faint lines may leave it at the top: the first steps of a run would press all others together.
    private static func vertical(_ shown: [Series], fromZero: Bool) -> (ticks: [Double], low: Double, high: Double) {
        var values: [Double] = [], faint: [Double] = []
        for line in shown {
            let ys: [Double] = line.points.map(\.y)
            if line.colour == .faint { faint += ys } else { values += ys }
        }
        faint.sort()
        if !faint.isEmpty {
            let cut = faint.count / 50
            values += [faint[cut], faint[faint.count - 1 - cut]]
        }
        var low: Double = values.min() ?? 0, high: Double = values.max() ?? 1
        if fromZero { (low, high) = (min(0, low), max(0, high)) }
        // A constant line needs room on both sides.
        if high - low < max(1e-12, abs(high) * 1e-6) {
            let room = high == 0 ? 1 : abs(high) / 2
            (low, high) = (fromZero ? min(0, low) : low - room, high + room)
        }
        let ticks = ticks(low, high)
        return (ticks, min(low, ticks.first ?? low), max(high, ticks.last ?? high))
    }

    /// Round numbers from at most `low` to at least `high`; there are four to seven.
    static func ticks(_ low: Double, _ high: Double) -> [Double] {
        let rough = (high - low) / 4
        guard rough > 0, rough.isFinite else { return [low] }
        let power: Double = pow(10, floor(log10(rough)))
        let steps: [Double] = [1, 2, 2.5, 5, 10]
        let step: Double = power * (steps.first { $0 * power >= rough * 0.999 } ?? 10)
        let first: Double = (low / step + 1e-9).rounded(.down), last: Double = (high / step - 1e-9).rounded(.up)
        return (0...max(1, Int(last - first))).map { (first + Double($0)) * step }
    }

    /// Digits after the point that tell neighbouring ticks apart.
    private static func digits(_ ticks: [Double], _ scale: Double) -> Int {
        guard ticks.count > 1 else { return 2 }
        let step: Double = (ticks[1] - ticks[0]) * scale, places: Double = (-log10(step)).rounded(.up)
        return min(9, max(0, Int(places) + 1))
    }

    private func n(_ value: Double) -> String { Markup.number(value, digits: 1) }
}
