// `prep stats`: measures of manifests or shards, as a table or JSON. The work is Statistics'.
import CommandLineTool
import Datasets
import Files
import Statistics
import Text

let statsCommand = Command(
    name: "stats", summary: "Measures of a manifest or of shards: sizes, masks, captions, near copies across splits.",
    discussion: """
        Takes a manifest's name, a folder of manifests or a shard folder (shards/NAME, or one split of it); without one, all manifests. Token figures of a \
        manifest need --vocabulary; shards bring theirs.
        """,
    arguments: [Argument("NAME|DIR", "a manifest's name, a folder of manifests or a shard folder", optional: true)],
    options: [
        .value("manifests", "DIR", default: "manifests", "where manifests are looked up by name"),
        .value("vocabulary", "FILE", "vocab.txt or a Hugging Face folder, for token figures of manifests"),
        .value("threads", "N", default: "0", "threads to use; 0 means one per core"),
        .flag("json", "print JSON: a list with one object for each dataset"),
    ],
    examples: ["prep stats kvasir", "prep stats shards/kvasir --json"]
) { input in
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    let count = try input.integer("threads", in: 0...1024)
    let threads = count == 0 ? ParallelMap.availableThreads : count
    let target = try StatsTarget(input.optionalArgument("NAME|DIR"), manifests: try input.string("manifests"))
    let tokenizer = try input.optionalString("vocabulary").map { WordPieceTokenizer(vocabulary: try Vocabulary(contentsOf: $0)) }
    var all: [DatasetStatistics] = []
    switch target {
    case .shards(let folder, let only):
        let line = LateProgress(input, "measuring")
        all.append(try DatasetStatistics.measure(
            shards: folder, only: only, threads: threads, progress: { line.update($0, of: $1) }, cancellation: cancellation))
        line.finish()
    case .manifests(let folder, let names):
        for name in names {
            let manifest = try Manifest.read(folder: folder, name: name)
            let line = LateProgress(input, "measuring")
            let total = manifest.samples.count
            all.append(try DatasetStatistics.measure(
                manifest, path: Manifest.path(folder: folder, name: name), tokenizer: tokenizer, threads: threads,
                progress: { line.update($0, of: total) }, cancellation: cancellation))
            line.finish()
        }
    }
    input.print(input.flag("json") ? DatasetStatistics.jsonText(all) : all.map(StatisticsTable.text).joined(separator: "\n\n"))
}
