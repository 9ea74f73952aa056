// The files of a run, and how its state is saved as one unit.
//
//     config.json settings, written once (except --skip-bad, which a resumed run may turn on)
//     vocab.txt              the vocabulary of its captions
//     log.jsonl one line per step, and one per shard that --skip-bad skips
//     metrics.csv            one line per epoch
//     timing.csv seconds and images per second of each epoch; with tensorboard/ and report.html, all that differs between equal runs
//     tensorboard/           curves, pictures and settings for TensorBoard
//     outlines.jsonl         one line per epoch: what it predicts of a few validation samples
//     report.html            all of this as a page
//     best.safetensors       parameters with the lowest validation loss
//     last.safetensors       parameters of the saved state
//     optimizer.safetensors  the optimizer's state, such as AdamW's moments
//     state.json             the trainer's own state
//
// Invariant: last, optimizer and state belong together. They are written under .next names, state last; the save is committed when that
// file exists. A crash before it keeps the old state. After a later crash, `settle` completes the save at the next start.
import Files
import Foundation

public struct RunFolder: Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    public func file(_ name: String) -> String { path + "/" + name }
    public var configuration: String { file("config.json") }
    public var vocabulary: String { file("vocab.txt") }
    public var log: String { file("log.jsonl") }
    public var metrics: String { file("metrics.csv") }
    public var timing: String { file("timing.csv") }
    public var events: String { file("tensorboard") }
    public var outlines: String { file("outlines.jsonl") }
    public var report: String { file("report.html") }
    public var best: String { file("best.safetensors") }
    public var last: String { file("last.safetensors") }
    public var optimizer: String { file("optimizer.safetensors") }
    public var state: String { file("state.json") }

    /// Whether a state was saved, even if not all of its files are renamed yet.
    public var holdsState: Bool { FileIO.exists(state) || FileIO.exists(next("state.json")) }

    /// The names of all files of a run.
    public var members: [String] {
        let own = [
            "config.json", "vocab.txt", "log.jsonl", "metrics.csv", "timing.csv", "outlines.jsonl", "report.html", "best.safetensors",
        ]
        return own + Self.stateMembers + Self.stateMembers.map { $0 + ".next" }
    }

    /// The files in the folder if it is not a run's folder, which has a config.json. Hidden files do not count, nor does a file that this
    /// program's own output is redirected to.
    public func foreignFiles() -> [String] {
        guard let names = try? FileIO.list(path), (try? RunConfiguration.read(configuration)) == nil else { return [] }
        let streams = ["/dev/stdout", "/dev/stderr"].map { FileIdentity($0) }
        return names.filter { name in
            if name.hasPrefix(".") { return false }
            let identity = FileIdentity(file(name))
            return !streams.contains { $0.isSame(as: identity) }
        }
    }

    static let stateMembers = ["last.safetensors", "optimizer.safetensors", "state.json"]
    func next(_ member: String) -> String { file(member + ".next") }

    /// Completes or discards an interrupted save. Call it before reading a saved state.
    func settle() throws(FileError) {
        let committed = FileIO.exists(next("state.json"))
        for member in Self.stateMembers where FileIO.exists(next(member)) {
            if committed { try rename(member) } else { try FileIO.remove(next(member)) }
        }
    }

    /// Renames the .next files of a save; state.json.next was written last.
    func commit() throws(FileError) {
        for member in Self.stateMembers { try rename(member) }
    }

    private func rename(_ member: String) throws(FileError) {
        // The order does not matter: `settle` renames the remaining files.
        guard Foundation.rename(next(member), file(member)) == 0 else {
            throw .unwritable(path: file(member), reason: String(cString: strerror(errno)))
        }
    }
}
