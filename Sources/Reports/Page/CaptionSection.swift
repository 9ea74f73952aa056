// The section on captions: lengths, words, agreement with the masks, odd writing.
import Statistics
import Text

enum CaptionSection {
    static func html(_ statistics: DatasetStatistics) -> String {
        let captions = statistics.all.captions
        guard let words = captions.words else { return "<p>None: images and masks alone.</p>" }
        var plots = Markup.figure(
            "Words in a caption", "mean \(Markup.number(words.mean)), \(Int(words.minimum)) to \(Int(words.maximum))",
            bars(captions.wordHistogram, "words, number of captions"))
        if let tokens = captions.tokens, let histogram = captions.tokenHistogram {
            plots += Markup.figure(
                "Tokens in a caption",
                "with [CLS] and [SEP]; \(captions.truncated ?? 0) are cut, \(captions.unknownWords ?? 0) unknown words; mean "
                    + "\(Markup.number(tokens.mean))",
                bars(histogram, "tokens, number of captions"))
        }
        return "<div class=plots>\(plots)</div>" + agreement(statistics) + vocabulary(captions) + oddities(captions)
    }

    private static func bars(_ histogram: Histogram, _ axis: String) -> String {
        let names = histogram.counts.indices.map { String(Int(histogram.start) + $0) }
        return Plots.bars(
            histogram.counts.map(Double.init), labels: names, titles: zip(names, histogram.counts).map { "\($0): \($1) captions" },
            axis: axis)
    }

    private static func agreement(_ statistics: DatasetStatistics) -> String {
        let agreement = statistics.all.captions.agreement, sides = statistics.sides.sentence
        var html = "<h3>Do captions and masks agree?</h3><p>\(Markup.escaped(sides.prefix(1).uppercased() + sides.dropFirst())).</p>"
        if agreement.namingPlaces == 0 { return html + "<p>No caption names a place.</p>" }
        html +=
            "<p>\(agreement.namingPlaces) captions name places; a place holds when at least "
            + "\(Markup.percent(CaptionFindings.wantedShare, digits: 0)) of the foreground lies in it. "
            + "\(agreement.placesMissing) captions name one that does not hold. \(agreement.namingCounts) name a number of lesions, "
            + "\(agreement.countsDiffering) another one than the mask has.</p>"
        let rows = agreement.places.prefix(24).map { place in
            [
                Markup.escaped(place.words), String(place.named), String(place.missing),
                Markup.percent(Double(place.missing) / Double(max(place.named, 1)), digits: 0),
            ]
        }
        html += Markup.table(["place", "named", "mask not there", "of these"], rows)
        return html + (agreement.places.count > 24 ? "<p class=quiet>and \(agreement.places.count - 24) rarer places</p>" : "")
    }

    private static func vocabulary(_ captions: CaptionStatistics) -> String {
        let words = captions.vocabulary, largest = Double(words.frequent.first?.count ?? 1)
        let list = words.frequent.map { entry in
            "<div class=word><span>\(Markup.escaped(entry.word))</span><i "
                + "style=\"width:\(Markup.number(Double(entry.count) / largest * 100))%\"></i><span>\(entry.count)</span></div>"
        }.joined()
        return
            "<h3>Words</h3><p>\(words.distinct) different words in \(captions.distinct) different captions; the most frequent caption "
            + "occurs \(captions.mostRepeated) times.</p><div class=words>\(list)</div>"
            + (words.once.isEmpty
                ? ""
                : "<p class=quiet>Once only (spelling mistakes are among such words): "
                    + "\(Markup.escaped(words.once.joined(separator: ", ")))</p>")
    }

    private static func oddities(_ captions: CaptionStatistics) -> String {
        let rows = CaptionOddity.allCases.compactMap { oddity in
            captions.oddities[oddity.rawValue].map { [oddity.description, String($0)] }
        }
        return rows.isEmpty ? "" : "<h3>Odd writing</h3>" + Markup.table(["captions with", "number"], rows)
    }
}
