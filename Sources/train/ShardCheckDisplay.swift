// The progress lines of the shard check before a run that skips bad shards: one line per split, because a split may have many gigabytes.
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
