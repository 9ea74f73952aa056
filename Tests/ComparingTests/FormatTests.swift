// One comparison in every format: the same numbers, names that would break a format, files that are known again.
import Files
import Foundation
import Metrics
import TestSupport
import Testing

import Comparing

@Suite struct FormatTests {
    private let published = PublishedFigures(
        source: "a paper", dataset: "kvasir", rows: [PublishedRow(name: "U_Net & co", readsText: false, figures: ["dice": 0.8233])])

    private var comparison: Comparison {
        Comparisons.comparison(
            [
                Comparisons.run("a|b_1", [0.9, 0.8, 0.7], seed: 0), Comparisons.run("<c>, \"d\"", [0.95, 0.9, 0.6], seed: 1),
                Comparisons.run("other", [0.1, 0.2, 0.3], otherSplits: ["train"]),
            ], published: [published])
    }

    @Test func theTerminalShowsIntervalsBelowTheirValues() throws {
        let lines = comparison.text.components(separatedBy: "\n")
        #expect(lines[0] == "test split, 3 images" && lines[1].hasPrefix("run "))
        #expect(lines[1].contains("Params (M)  FLOPs (G)") && lines[1].contains("Dice (%)") && lines[1].hasSuffix("images/s"))
        #expect(lines[2].hasPrefix("a|b_1") && lines[2].contains("43.04") && lines[2].contains("80.00") && lines[2].hasSuffix("12.3"))
        #expect(lines[3].contains("75.00 to 85.00") && !lines[3].contains("a|b_1"))
        // Columns end at one place.
        let end = try #require(lines[2].range(of: "80.00")).upperBound
        #expect(lines[3][..<end].hasSuffix("75.00 to 85.00"))
        #expect(
            comparison.text.contains("other *") && comparison.text.contains("* other was trained on other shards than shards/demo (train)"))
        #expect(comparison.text.contains("mean of 2 seeds: a|b_1, <c>, \"d\"") && comparison.text.contains("80.83 ±1.18"))
        #expect(comparison.text.contains("U_Net & co [published]") && comparison.text.contains("those of a paper on kvasir"))
    }

    @Test func markdownAndLaTeXEscapeNames() {
        let markdown = comparison.markdown, latex = comparison.latex
        #expect(markdown.contains("| a\\|b\\_1 | UA-VLS | yes | 43.04 | 17.77 | 80.00 (75.00 to 85.00) |"))
        #expect(markdown.contains("| **81.67** (76.67 to 86.67) |") && markdown.contains("\\<c\\>"))
        for line in markdown.split(separator: "\n") where line.hasPrefix("|") {
            let bars = line.replacing("\\|", with: "").count { $0 == "|" }
            #expect([13, 10].contains(bars), "\(line)")
        }
        #expect(latex.contains("a|b\\_1 & UA-VLS & yes & 43.04 & 17.77 & 80.00 (75.00--85.00)"))
        #expect(latex.contains("U\\_Net \\& co [published]") && latex.contains("$<$c$>$") && latex.contains("\\textbf{81.67}"))
        #expect(latex.contains("Dice (\\%)") && latex.contains("$-$60.00") && latex.contains("80.83 $\\pm$ 1.18"))
        #expect(Comparison.escapedLaTeX("~^\\{}") == "\\textasciitilde{}\\textasciicircum{}\\textbackslash{}\\{\\}")
    }

    @Test func csvHasTheSameColumnsForEveryComparison() throws {
        let lines = comparison.csv.split(separator: "\n"), plain = Comparisons.two.csv.split(separator: "\n")
        #expect(lines[0] == plain[0] && lines.count == 1 + 3 + 1 + 1)
        #expect(lines[1].hasPrefix("run,a|b_1,UA-VLS,yes,0,3,a|b_1,43040000,17770000000,"))
        #expect(lines[2].hasPrefix("run,\"<c>, \"\"d\"\"\",") && lines[3].hasSuffix(",train"))
        #expect(lines[4].hasPrefix("seeds,") && lines[5].hasPrefix("published,U_Net & co,,no,,,a paper,,,0.8233,"))
        // Published figures may be given in the form of these files.
        let folder = try TemporaryFolder()
        let names = ["model", "text", "dice"], columns = Comparison.csvColumns
        let cut = plain.map { line in
            let fields = line.components(separatedBy: ",")
            return names.compactMap { name in columns.firstIndex(of: name).map { fields[$0] } }.joined(separator: ",")
        }
        let rows = try PublishedTable.read(folder.write(cut.joined(separator: "\n"), to: "own.csv"), dataset: nil).rows
        #expect(rows.map(\.name) == ["first", "second"])
        for (row, run) in zip(rows, Comparisons.two.runs) { #expect(row.figures["dice"] == run.metrics["dice"]?.value) }
    }

    @Test func jsonHasEveryFigureAndImage() throws {
        let bytes = try comparison.json(CaseSelection(comparison, count: 1))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let runs = try #require(json["runs"] as? [[String: Any]])
        #expect(json["reference"] as? String == "a|b_1" && json["images"] as? Int == 3 && runs.count == 3)
        let metrics = try #require(runs[1]["metrics"] as? [String: Any])
        #expect(Set(metrics.keys) == Set(MetricList.all.map { $0.key }) && metrics["lesionF1At50"] is NSNull)
        #expect((metrics["dice"] as? [String: Double])?["low"] != nil)
        let test = try #require(runs[1]["comparison"] as? [String: Any])
        #expect(Set(test.keys) == ["images", "difference", "p", "signedRanks", "rankBiserial", "holm"])
        #expect((runs[1]["samples"] as? [[String: Any]])?.map { $0["id"] as? String } == ["image_0", "image_1", "image_2"])
        #expect((json["cases"] as? [String: [String]])?["worst"] == ["image_2"])
        #expect((json["published"] as? [[String: Any]])?.first?["source"] as? String == "a paper")
        #expect((json["notes"] as? [String])?.contains { $0.hasPrefix("* other") } == true)
    }

    @Test func withoutResamplesThereAreNoIntervals() {
        let comparison = Comparisons.comparison(
            [Comparisons.run("a", [0.5, 0.6], metrics: [:], rate: nil), Comparisons.run("b", [0.7, 0.5], metrics: [:], rate: nil)],
            resamples: 0, timing: nil)
        #expect(!comparison.text.contains("interval") && comparison.text.contains("+5.00"))
        // Columns without any value are left out.
        #expect(comparison.figureTable.heading == ["run", "network", "text", "Params (M)", "FLOPs (G)", "ECE (%)"])
        #expect(comparison.tests[1]?.paired.p == nil && comparison.tests[1]?.paired.difference.low == nil)
    }

    @Test func everyFileIsKnownAgain() throws {
        let folder = try TemporaryFolder()
        let comparison = Comparisons.two
        let texts: [(ComparisonFile, String)] = [
            (.csv, comparison.csv), (.latex, comparison.latex), (.markdown, comparison.markdown),
            (.json, String(decoding: try comparison.json(CaseSelection(comparison, count: 1)), as: UTF8.self)),
            (.html, try ComparisonPage.html(comparison, worst: [], different: [])),
        ]
        for (file, text) in texts {
            let path = try folder.write(text, to: file.rawValue)
            #expect(ComparisonFile.allCases.filter { $0.isOwn(path) } == [file])
        }
        let foreign = try folder.write("model,dice\na,1\n", to: "foreign")
        #expect(!ComparisonFile.allCases.contains { $0.isOwn(foreign) || $0.isOwn(folder.file("absent")) })
    }
}
