// `prep verify`: re-reads shards and names everything damaged. The work is Shards.Verification's.
import CommandLineTool
import Files
import Shards

let verifyCommand = Command(
    name: "verify", summary: "Re-reads all shards of a dataset or split and names every damaged shard and sample.",
    discussion: "Exit code 1 when anything is damaged. Nothing is changed.",
    arguments: [Argument("DIR", "a dataset's shards, such as shards/kvasir, or one split's folder in it")],
    options: [
        .value("threads", "N", default: "0", "threads to use; 0 means one per core"),
        .value("list-json", "FILE", "also write one JSON line a sample: id, caption, size and SHA-256 of each column; - for standard output"),
    ],
    examples: ["prep verify shards/kvasir", "prep verify shards/kvasir/train --list-json train.jsonl"]
) { input in
    let folder = try input.argument("DIR")
    let threads = try input.integer("threads", in: 0...1024)
    let list = input.optionalString("list-json")
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    let line = LateProgress(input, "verifying", unit: "shards")
    let report = try Verification.run(
        folder: folder, threads: threads == 0 ? ParallelMap.availableThreads : threads, listing: list != nil,
        progress: { line.update($0, of: $1) }, cancellation: cancellation)
    line.finish()
    if let list {
        let text = report.listing.map { $0.json + "\n" }.joined()
        if list == "-" { input.console.writeOutput(text) } else { try FileIO.writeAtomically(text, to: list) }
    }
    for problem in report.problems { input.note("\(problem)") }
    guard report.problems.isEmpty else {
        let count = report.problems.count
        throw CommandError(
            .badSamples,
            "\(folder): \(count) problem\(count == 1 ? "" : "s") found; delete the damaged shard files and run `prep shard` again to remake them")
    }
    for part in report.parts where list != "-" {
        input.print("\(part.folder): \(part.samples) samples in \(part.shards) shards, all hashes and contents good")
    }
}
