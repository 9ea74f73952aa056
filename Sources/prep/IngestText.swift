// What a person reads after an ingest: problems by kind, warnings, counts, and what to do next.
import CommandLineTool
import Datasets

enum IngestText {
    /// Problems of a kind that are printed when the summary file holds them all.
    private static let shown = 10

    static func print(_ report: IngestReport, to input: CommandInput) {
        let summary = report.summary
        for kind in SampleProblem.Kind.allCases {
            let problems = summary.problems.filter { $0.kind == kind }
            let limit = report.isWritten ? shown : problems.count
            for problem in problems.prefix(limit) { input.note("problem: \(problem.line)") }
            if problems.count > limit {
                input.note("problem: and \(problems.count - limit) more of this kind, all of them in \(report.summaryPath)")
            }
        }
        for line in summary.inferred ?? [] { input.note("found: \(line)") }
        for line in summary.masks?.lines ?? [] { input.note(line) }
        for warning in summary.warnings { input.warn(warning) }
        let counts = summary.counts
        input.print("\(summary.name): \(counts.all) samples, \(counts.train) train, \(counts.val) val, \(counts.test) test")
        input.print("  root      \(summary.root)")
        input.print("  captions  \(summary.captionFiles.count) file\(summary.captionFiles.count == 1 ? "" : "s") \(summary.captionsFrom)")
        input.print("  splits    \(summary.splitsFrom)")
        for (index, line) in (summary.release?.lines ?? []).enumerated() { input.print((index == 0 ? "  release   " : "            ") + line) }
        if !summary.problems.isEmpty { input.print("  problems  \(summary.problems.count), \(summary.skipped.count) names left out") }
        if report.isWritten {
            input.print("  written   \(report.manifestPath), \(report.summaryPath)")
            input.print("next: prep shard \(summary.name)")
        }
    }
}
