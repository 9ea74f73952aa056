// The progress lines of the check of shards before a run that goes on without bad ones: one for each split, which may be many gigabytes to
// read.
import CommandLineTool
import Synchronization

final class ShardCheckDisplay: Sendable {
    private let console: Console
    private let lines = Mutex<[String: ProgressLine]>([:])

    init(_ input: CommandInput) { console = input.console }

    @Sendable func update(split: String, done: Int, total: Int) {
        let line = lines.withLock { lines in
            let line = lines[split] ?? ProgressLine("checking \(split)", total: total, unit: "shards", console: console)
            lines[split] = line
            return line
        }
        line.update(done: done)
        if done == total { line.finish() }
    }
}
