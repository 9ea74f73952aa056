// The sections on masks and images: class balance, positions, numbers and sizes of lesions; brightness, image sizes.
import Datasets
import Statistics

enum MaskSection {
    static func html(_ statistics: DatasetStatistics) -> String {
        let masks = statistics.all.masks
        guard let foreground = masks.foreground else { return "<p>No masks.</p>" }
        let balance =
            "<div class=balance><i style=\"width:\(Markup.number(foreground.mean * 100, digits: 2))%\"></i><b></b></div>"
            + "<p>\(Markup.percent(foreground.mean, digits: 2)) of the pixels are foreground, every image counting the same"
            + (masks.backgroundToForeground.map { ": \(Markup.number($0)) background pixels for each" } ?? "") + ". "
            + "\(statistics.all.samples - masks.empty) masks show something, \(masks.empty) \(masks.empty == 1 ? "is" : "are") empty.</p>"
        let share = masks.foregroundHistogram, used = (share.counts.lastIndex { $0 > 0 } ?? 0) + 1
        let bins = Array(share.counts.prefix(max(used, 4)))
        let edges = bins.indices.map { Double($0) * share.width * 100 }
        var plots = Markup.figure(
            "Share of foreground",
            "median \(Markup.percent(foreground.median)), 5 to 95 %: \(Markup.percent(foreground.p5)) to \(Markup.percent(foreground.p95))",
            Plots.bars(
                bins.map(Double.init), labels: edges.map { Markup.number($0) },
                titles: zip(edges, bins).map { "\(Markup.number($0)) to \(Markup.number($0 + share.width * 100)) %: \($1) masks" },
                axis: "% of the image, masks in each step of \(Markup.number(share.width * 100)) %"))
        let counts = masks.lesionHistogram, names = counts.indices.map { $0 == counts.count - 1 ? "\($0)+" : "\($0)" }
        plots += Markup.figure(
            "Lesions per image",
            "connected components, touching at corners counts; mean \(Markup.number(masks.lesions?.mean ?? 0)), most "
                + "\(Int(masks.lesions?.maximum ?? 0))",
            Plots.bars(
                counts.map(Double.init), labels: names, titles: zip(names, counts).map { "\($0): \($1) masks" },
                axis: "lesions, number of masks"))
        var html = "<h3>Balance</h3>" + balance + "<div class=plots>\(plots)</div>"
        if let size = masks.lesionShare, let pixels = masks.lesionPixels {
            html +=
                "<h3>Size of a lesion</h3>"
                + Markup.table(
                    ["", "smallest", "5 %", "25 %", "median", "75 %", "95 %", "largest"],
                    [
                        ["share of the image"]
                            + [size.minimum, size.p5, size.p25, size.median, size.p75, size.p95, size.maximum].map {
                                Markup.percent($0, digits: 3)
                            },
                        ["pixels"]
                            + [pixels.minimum, pixels.p5, pixels.p25, pixels.median, pixels.p75, pixels.p95, pixels.maximum].map {
                                Markup.number($0, digits: 0)
                            },
                    ])
        }
        let parts: [(String, MaskStatistics)] = [("all", masks)] + Split.allCases.map { ($0.rawValue, statistics.part($0).masks) }
        // All splits use the scale of all masks: a split of a few samples would set another scale.
        let shown = parts.filter { !$0.1.heatMap.isEmpty }, largest = masks.heatMap.max() ?? 0
        html +=
            "<h3>Where lesions lie</h3><p>The mean of all masks, each stretched to a square: how many masks are foreground at each "
            + "place.</p><div class=heats>"
            + shown.map { "<figure>\(Plots.heatMap($0.1.heatMap, largest: largest))<figcaption class=meta>\($0.0)</figcaption></figure>" }
            .joined()
        return html + "</div>" + Plots.heatLegend(largest: largest)
    }
}

enum ImageSection {
    static func html(_ statistics: DatasetStatistics) -> String {
        let all = statistics.all
        let channels = all.intensity
        let key =
            "<div class=key>" + channels.map { "<span><i style=\"background:var(--\($0.channel))\"></i>\($0.channel)</span>" }.joined()
            + "</div>"
        let plot = Markup.figure(
            "Brightness", "share of the pixels in steps of 8 values, every image counting the same",
            Plots.lines(
                channels.map { ($0.channel, $0.histogram) }, labels: [(0, "0"), (0.25, "64"), (0.5, "128"), (0.75, "192"), (1, "255")],
                axis: "value") + (channels.count > 1 ? key : ""))
        let rows = channels.map { channel in
            [channel.channel, Markup.number(channel.mean), Markup.number(channel.standardDeviation)]
                + [channel.p1, channel.p5, channel.p25, channel.p50, channel.p75, channel.p95, channel.p99].map(String.init)
        }
        var html =
            "<div class=plots>\(plot)<div>"
            + Markup.table(["channel", "mean", "std", "1 %", "5 %", "25 %", "50 %", "75 %", "95 %", "99 %"], rows)
            + "<p class=quiet>For normalising values of 0 to 1: mean "
            + "\(channels.map { Markup.number($0.mean / 255, digits: 4) }.joined(separator: ", ")), "
            + "standard deviation \(channels.map { Markup.number($0.standardDeviation / 255, digits: 4) }.joined(separator: ", ")).</p>"
        html +=
            "<p>\(all.grey) grey, \(all.colour) coloured"
            + (all.greyStoredAsColour > 0 ? "; \(all.greyStoredAsColour) of the grey ones are stored with three equal channels" : "")
            + ".</p></div></div>"
        let sizes = all.sizes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let table = Markup.table(
            ["width×height", "images"], sizes.prefix(12).map { [$0.key.replacing("x", with: "×"), String($0.value)] })
        return html + "<h3>\(sizes.count) size\(Overview.s(sizes.count))</h3>" + table
            + (sizes.count > 12 ? "<p class=quiet>and \(sizes.count - 12) more</p>" : "")
    }
}
