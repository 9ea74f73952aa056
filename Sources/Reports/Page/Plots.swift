// Plots as SVG: histogram bars, lines of several series, a heat map. The page's style sheet sets the colours, so that they follow light and
// dark.
import Foundation
import Statistics

package enum Plots {
    private static let width = 420.0, height = 180.0, left = 40.0, right = 14.0, top = 10.0, bottom = 34.0

    /// Draws bars side by side.
    /// - Parameters:
    ///   - labels: one per bar; only those that fit are written.
    ///   - titles: the text that appears when the pointer is over a bar.
    static func bars(_ values: [Double], labels: [String], titles: [String], axis: String) -> String {
        guard let largest = values.max(), largest > 0 else { return "<p class=quiet>nothing to draw</p>" }
        let ticks = self.ticks(to: largest), ceiling = ticks.last ?? largest
        let step = (width - left - right) / Double(values.count), gap = step > 6 ? 1.5 : 0.5
        var body = grid(ticks, ceiling)
        for (index, value) in values.enumerated() {
            let size = (height - top - bottom) * value / ceiling, x = left + Double(index) * step
            // A column of full height catches the pointer, so that small bars show their title too.
            body +=
                "<g><title>\(Markup.escaped(titles[index]))</title><rect class=touch x=\(n(x)) y=\(n(top)) width=\(n(step)) "
                + "height=\(n(height - top - bottom))></rect>"
            if value > 0 {
                body +=
                    "<rect class=bar x=\(n(x + gap / 2)) y=\(n(height - bottom - size)) width=\(n(max(step - gap, 0.5))) "
                    + "height=\(n(max(size, 0.8))) rx=1></rect>"
            }
            body += "</g>"
        }
        let every = max(1, Int((Double(values.count) * 34 / (width - left - right)).rounded(.up)))
        for (index, label) in labels.enumerated() where index % every == 0 {
            body +=
                "<text x=\(n(left + (Double(index) + 0.5) * step)) y=\(n(height - bottom + 13)) "
                + "text-anchor=middle>\(Markup.escaped(label))</text>"
        }
        return svg(body + axisTitle(axis), label: axis)
    }

    /// One line for each series over the same bins, as shares.
    static func lines(_ series: [(name: String, values: [Double])], labels: [(position: Double, text: String)], axis: String) -> String {
        let largest = series.flatMap(\.values).max() ?? 0
        guard largest > 0 else { return "<p class=quiet>nothing to draw</p>" }
        let ticks = self.ticks(to: largest * 100), ceiling = (ticks.last ?? largest * 100) / 100
        var body = grid(ticks, ticks.last ?? 1, suffix: " %")
        for (name, values) in series {
            let step = (width - left - right) / Double(values.count)
            let points = values.enumerated().map { index, value in
                "\(n(left + (Double(index) + 0.5) * step)),\(n(height - bottom - (height - top - bottom) * value / ceiling))"
            }
            body += "<polyline class=\"line \(name)\" points=\"\(points.joined(separator: " "))\"><title>\(name)</title></polyline>"
        }
        for label in labels {
            body +=
                "<text x=\(n(left + (width - left - right) * label.position)) y=\(n(height - bottom + 13)) "
                + "text-anchor=middle>\(label.text)</text>"
        }
        return svg(body + axisTitle(axis), label: axis)
    }

    /// Levels of the heat map's colours: classes h0 to h11.
    static let levels = 12

    /// A square of cells, coloured by their share of `largest`; larger values get its colour. Neighbouring cells of one level form one
    /// rectangle.
    static func heatMap(_ values: [Double], largest: Double) -> String {
        let side = Int(Double(values.count).squareRoot())
        guard side > 0, largest > 0 else { return "<p class=quiet>no foreground</p>" }
        var body = ""
        for row in 0..<side {
            var column = 0
            while column < side {
                func level(_ column: Int) -> Int { min(Int(values[row * side + column] / largest * Double(levels)), levels - 1) }
                let first = column, found = level(first)
                while column < side && level(column) == found { column += 1 }
                body += "<rect class=h\(found) x=\(first) y=\(row) width=\(column - first) height=1></rect>"
            }
        }
        let middle = Double(side) / 2
        body += "<path class=cross d=\"M\(n(middle)) 0V\(side)M0 \(n(middle))H\(side)\"></path>"
        return "<svg class=heat viewBox=\"0 0 \(side) \(side)\" role=img aria-label=\"mean mask\">\(body)</svg>"
    }

    static func heatLegend(largest: Double) -> String {
        let cells = (0..<levels).map { "<i class=h\($0)></i>" }.joined()
        return
            "<div class=legend><span>0</span><span class=ramp>\(cells)</span><span>\(Markup.percent(largest, digits: 0)) of masks or "
            + "more</span></div>"
    }

    private static func grid(_ ticks: [Double], _ ceiling: Double, suffix: String = "") -> String {
        ticks.map { tick in
            let y = height - bottom - (height - top - bottom) * tick / ceiling
            return
                "<line class=rule x1=\(n(left)) x2=\(n(width - right)) y1=\(n(y)) y2=\(n(y))></line><text x=\(n(left - 5)) y=\(n(y + 3.5)) "
                + "text-anchor=end>\(n(tick))\(suffix)</text>"
        }.joined()
    }

    private static func axisTitle(_ text: String) -> String {
        "<text class=axis x=\(n((left + width - right) / 2)) y=\(n(height - 5)) text-anchor=middle>\(Markup.escaped(text))</text>"
    }

    private static func svg(_ body: String, label: String) -> String {
        "<svg viewBox=\"0 0 \(n(width)) \(n(height))\" role=img aria-label=\"\(Markup.escaped(label))\">\(body)</svg>"
    }

    /// Round numbers from 0 to at least `value`; there are four to six.
    package static func ticks(to value: Double) -> [Double] {
        let rough = value / 4, power = pow(10, floor(log10(rough)))
        let step = [1, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
        let count = Int((value / step).rounded(.up))
        return (0...max(count, 1)).map { Double($0) * step }
    }

    private static func n(_ value: Double) -> String { Markup.number(value, digits: value.magnitude < 0.1 ? 3 : 2) }
}
