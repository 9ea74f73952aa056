// `prep stats`: statistics of manifests or shards, as a table, JSON or an HTML report. The libraries Statistics and Reports do the work.
import CommandLineTool
import Datasets
import Files
import Reports
import Statistics
import Text

let statsCommand = Command(
    name: "stats", summary: "Measures a manifest or shards: images, masks, captions, leakage, samples worth a look.",
    discussion: """
        Takes a manifest's name, a folder of manifests or a shard folder (shards/NAME, or one split of it); without one, all manifests. \
        Token figures of a manifest need --vocabulary; shards bring theirs. --html writes one self-contained file with plots and images. \
        docs/reference/statistics.md says what each measure means. With --fail-on-leakage the exit code is 1 where splits share an image, \
        a near copy or (by file names) a patient.
        """,
    arguments: [Argument("NAME|DIR", "a manifest's name, a folder of manifests or a shard folder", optional: true)],
    options: [
        .value("manifests", "DIR", default: "manifests", "where manifests are looked up by name"),
        .value("vocabulary", "FILE", "vocab.txt or a Hugging Face folder, for token figures of manifests"),
        .value("html", "FILE", "write a report to look at in a browser"),
        .flag("fail-on-leakage", "exit code 1 where splits share images, near copies or patients"),
        .value("near-distance", "N", default: "8", "bits of 63 in which the perceptual hashes of near copies may differ, 0 to 8"),
        .value("threads", "N", default: "0", "threads to use; 0 means one per core"),
        .flag("json", "print JSON: a list with one object for each dataset"),
        OutputPlan.option.counting(.with("html")),
    ],
    examples: [
        "prep stats kvasir --vocabulary models/text-encoder --html kvasir.html", "prep stats shards/kvasir --json",
        "prep stats mosmed --fail-on-leakage",
    ]
) { input in
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    let count = try input.integer("threads", in: 0...1024)
    let threads = count == 0 ? ParallelMap.availableThreads : count
    let distance = try input.integer("near-distance", in: 0...NearCopies.largestDistance)
    let given = input.optionalArgument("NAME|DIR"), manifests = try input.string("manifests")
    let target = try StatsTarget(given, manifests: manifests)
    var plan = OutputPlan(input)
    switch target {
    case .shards(let folder, _):
        for option in ["manifests", "vocabulary"] where input.wasGiven(option) {
            throw CommandError(
                .usage,
                "--\(option) has no effect here: \(folder) holds shards, "
                    + "\(option == "vocabulary" ? "which have their own vocabulary or no tokens" : "not manifests"); leave it out"
            )
        }
        plan.readsFolder(folder, as: "NAME|DIR", keepsOutputsOut: true)
    case .manifests(let folder, _):
        if input.wasGiven("manifests"), FileIO.absolute(folder) != FileIO.absolute(manifests) {
            throw CommandError(.usage, "--manifests has no effect here: \(folder) is a folder itself; leave it out")
        }
        plan.readsFolder(folder, as: "the manifests in")
    }
    plan.reads(input.optionalString("vocabulary"), as: "--vocabulary")
    // Without this check, the path of a picture given by mistake would overwrite the picture.
    if let path = input.optionalString("html"), !path.lowercased().hasSuffix(".html"), !path.lowercased().hasSuffix(".htm") {
        throw CommandError(.usage, "--html \(path): expected a name that ends in .html, such as report.html")
    }
    plan.writes(input.optionalString("html"), as: "--html", OutputKind("report that prep stats wrote", isOwn: DatasetPage.isPage))
    try plan.check()
    let tokenizer = try input.optionalString("vocabulary").map { WordPieceTokenizer(vocabulary: try Vocabulary(contentsOf: $0)) }
    var all: [MeasuredDataset] = []
    switch target {
    case .shards(let folder, let only):
        let line = LateProgress(input, "measuring")
        all.append(
            try MeasuredDataset.measure(
                shards: folder, only: only, distance: distance, threads: threads, progress: { line.update($0, of: $1) },
                cancellation: cancellation))
        line.finish()
    case .manifests(let folder, let names):
        let manifests = try names.map { try Manifest.read(folder: folder, name: $0) }
        if tokenizer != nil, manifests.allSatisfy({ !$0.hasCaptions }) {
            throw CommandError(
                .usage,
                "--vocabulary has no effect here: \(names.joined(separator: ", ")) \(names.count == 1 ? "has" : "have") no captions; "
                    + "leave it out")
        }
        for (name, manifest) in zip(names, manifests) {
            let line = LateProgress(input, "measuring")
            let total = manifest.samples.count
            all.append(
                try MeasuredDataset.measure(
                    manifest, path: Manifest.path(folder: folder, name: name), tokenizer: tokenizer, distance: distance, threads: threads,
                    progress: { line.update($0, of: total) }, cancellation: cancellation))
            line.finish()
        }
    }
    let statistics = all.map(\.statistics)
    if input.flag("json") {
        input.printJSON(DatasetStatistics.jsonText(statistics))
    } else {
        input.printLines(statistics.map(StatisticsTable.text).joined(separator: "\n\n"))
    }
    if let path = input.optionalString("html") {
        try FileIO.writeAtomically(Array(try DatasetPage.html(all).utf8), to: path)
        input.note("report: \(path)")
    }
    let leaking = statistics.filter { $0.leakage?.isFound == true }.map(\.name)
    if input.flag("fail-on-leakage"), !leaking.isEmpty {
        throw CommandError(
            .data,
            "the splits of \(leaking.joined(separator: ", ")) share images or patients, as listed above; fix the captions' splits, "
                + "or draw new ones with prep ingest --split 80/10/10 --group-by patient")
    }
}
