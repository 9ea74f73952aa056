// A progress line whose total is known only when the work starts.
import CommandLineTool
import Synchronization

final class LateProgress: Sendable {
    private let input: CommandInput
    private let line = Mutex<ProgressLine?>(nil)

    init(_ input: CommandInput) { self.input = input }

    func update(_ done: Int, of total: Int) {
        let current = line.withLock { line in
            if line == nil { line = input.progress("checking", total: total, unit: "samples") }
            return line
        }
        current?.update(done: done)
    }

    func finish() { line.withLock { $0 }?.finish() }
}
