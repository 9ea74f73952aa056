// `prep verify`: reads shards again and names everything that is damaged. Shards.Verification does the work.
import CommandLineTool
import Files
import RemoteShards
import Shards

let verifyCommand = Command(
    name: "verify", summary: "Re-reads all shards of a dataset or split and names every damaged shard and sample.",
    discussion: """
        DIR may be an http(s) address: its files are fetched into the cache, checked against the index, and then verified like others. The \
        exit code is 1 when anything is damaged. Nothing else is changed.
        """,
    arguments: [Argument("DIR", "a dataset's shards, such as shards/kvasir, or one split's folder in it; or their http(s) address")],
    options: [
        .value("cache", "DIR", "where shards of an address are kept; else ~/.cache/swift-vlseg/shards"),
        .value("threads", "N", default: "0", "threads to use; 0 means one per core"),
        .value(
            "list-json", "FILE",
            "also write one JSON line for each sample: id, caption, size and SHA-256 of each column; - for standard output"),
        OutputPlan.option.counting(.with("list-json")),
    ],
    examples: [
        "prep verify shards/kvasir", "prep verify shards/kvasir/train --list-json train.jsonl",
        "prep verify https://data.example.org/shards/kvasir",
    ]
) { input in
    let given = try input.argument("DIR")
    let threads = try input.integer("threads", in: 0...1024)
    let list = input.optionalString("list-json")
    var plan = OutputPlan(input)
    if !RemoteShardFolder.isAddress(given) { plan.readsFolder(given, as: "DIR") }
    plan.writes(list, as: "--list-json", OutputKind("list of samples that prep verify wrote", isOwn: SampleListing.isListing))
    try plan.check()
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    let folder = try localShards(given, input, cancellation)
    let line = LateProgress(input, "verifying", unit: "shards")
    let report = try Verification.run(
        folder: folder, threads: threads == 0 ? ParallelMap.availableThreads : threads, listing: list != nil,
        progress: { line.update($0, of: $1) }, cancellation: cancellation)
    line.finish()
    if let list {
        let text = report.listing.map { $0.json + "\n" }.joined()
        if list == "-" { input.console.writeJSON(text) } else { try FileIO.writeAtomically(text, to: list) }
    }
    for problem in report.problems { input.note("\(problem)") }
    guard report.problems.isEmpty else {
        let count = report.problems.count
        throw CommandError(
            .data,
            "\(folder): \(count) problem\(count == 1 ? "" : "s") found; delete the damaged shard files and run `prep shard` again "
                + "to remake them"
        )
    }
    for problem in report.withoutContrast { input.note("\(problem)") }
    if !report.withoutContrast.isEmpty {
        throw CommandError(.data, "\(folder): all bytes are as they were written, but training cannot use the masks")
    }
    for part in report.parts where list != "-" {
        let absent = part.hasCaptions == false ? ", captions: none" : part.hasTokens == false ? ", tokens: none" : ""
        input.print(
            "\(part.folder): \(counted(part.samples, "sample")) in \(counted(part.shards, "shard"))\(absent), all hashes and contents good")
    }
}

/// The folder itself, or the local mirror of shards at an address.
private func localShards(_ given: String, _ input: CommandInput, _ cancellation: Cancellation) throws -> String {
    guard RemoteShardFolder.isAddress(given) else {
        if input.wasGiven("cache") { throw CommandError(.usage, "--cache belongs to an http(s) address; \(given) is a folder") }
        return given
    }
    let remote = try RemoteShardFolder(given, cache: input.optionalString("cache"))
    let line = LateProgress(input, "fetching", unit: "kB")
    let report = try remote.mirror(cancellation: cancellation) { line.update($0.bytes / 1000, of: $0.totalBytes / 1000) }
    line.finish()
    input.note("\(given): \(report.fetched) of \(report.shards) shards fetched, all with the index's hashes, into \(report.folder)")
    return report.folder
}
