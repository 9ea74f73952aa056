// The report of an ingest for the user: problems by kind, warnings, counts, and what to do next.
import CommandLineTool
import Datasets
import Files

enum IngestText {
    static func print(_ report: IngestReport, to input: CommandInput) {
        let summary = report.summary
        for line in ProblemList(summary.problems).lines(list: report.problemsPath) { input.note("problem: \(line)") }
        for line in (summary.sheets ?? []) + (summary.inferred ?? []) { input.note("found: \(line)") }
        for line in summary.masks?.lines ?? [] { input.note(line) }
        for warning in summary.warnings { input.warn(warning) }
        let counts = summary.counts
        input.print("\(summary.name): \(counted(counts.all, "sample")), \(counts.train) train, \(counts.val) val, \(counts.test) test")
        input.print("  root      \(summary.root)")
        let files = summary.captionFiles.count
        input.print("  captions  " + (files == 0 ? "" : "\(files) file\(files == 1 ? "" : "s") ") + summary.captionsFrom)
        input.print("  splits    \(summary.splitsFrom)")
        for (index, line) in (summary.release?.lines ?? []).enumerated() {
            input.print((index == 0 ? "  release   " : "            ") + line)
        }
        if !summary.problems.isEmpty {
            input.print("  problems  \(summary.problems.count), \(counted(summary.skipped.count, "name")) left out")
        }
        if report.isWritten {
            input.print("  written   \(report.manifestPath), \(report.summaryPath)")
            if let list = report.problemsPath { input.print("            \(list)") }
            input.print("next: prep shard \(ShellWord.quoted(summary.name))")
        }
    }
}

/// "1 sample", "2 samples".
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
