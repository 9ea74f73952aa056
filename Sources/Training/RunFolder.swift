// The files of a run and how its state is saved as one unit.
//
//     config.json            settings, written once (but for --skip-bad, which a resumed run may turn on)
//     vocab.txt              the vocabulary of its captions
//     log.jsonl              one line per step, and per shard left out by --skip-bad
//     metrics.csv            one line per epoch
//     timing.csv             seconds and images per second of each epoch: the one file that differs between equal runs
//     best.safetensors       parameters with the lowest validation loss
//     last.safetensors       parameters of the saved state
//     optimizer.safetensors  AdamW's moments of the saved state
//     state.json             the trainer's own state
//
// Invariant: last, optimizer and state belong together. They are written under .next names, state last; that one's appearance is the
// commit. A crash before it leaves the old state, a crash after it is finished by `settle` at the next start.
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
    public var best: String { file("best.safetensors") }
    public var last: String { file("last.safetensors") }
    public var optimizer: String { file("optimizer.safetensors") }
    public var state: String { file("state.json") }

    /// Whether a state was saved, even if its files were not all renamed yet.
    public var holdsState: Bool { FileIO.exists(state) || FileIO.exists(next("state.json")) }

    /// The names of all files of a run.
    public var members: [String] {
        let own = ["config.json", "vocab.txt", "log.jsonl", "metrics.csv", "timing.csv", "best.safetensors"]
        return own + Self.stateMembers + Self.stateMembers.map { $0 + ".next" }
    }

    /// What is in the folder where it is not a run's, with its config.json. Hidden files do not count, nor what the program itself is
    /// saying, redirected there.
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

    /// Finishes or forgets a save that was cut off. Call before reading a saved state.
    func settle() throws(FileError) {
        let committed = FileIO.exists(next("state.json"))
        for member in Self.stateMembers where FileIO.exists(next(member)) {
            if committed { try rename(member) } else { try FileIO.remove(next(member)) }
        }
    }

    /// Puts the .next files of a save in place; state.json.next has been written last.
    func commit() throws(FileError) {
        for member in Self.stateMembers { try rename(member) }
    }

    private func rename(_ member: String) throws(FileError) {
        // The order matters to no one: whatever is not renamed yet is renamed by `settle`.
        guard Foundation.rename(next(member), file(member)) == 0 else {
            throw .unwritable(path: file(member), reason: String(cString: strerror(errno)))
        }
    }
}
