// A progress line whose total is known only when the work starts.
import Synchronization

public final class LateProgress: Sendable {
    private let input: CommandInput
    private let label: String
    private let unit: String
    private let line = Mutex<ProgressLine?>(nil)

    public init(_ input: CommandInput, _ label: String, unit: String = "samples") {
        self.input = input
        self.label = label
        self.unit = unit
    }

    public func update(_ done: Int, of total: Int) {
        if total == 0 { return }
        let current = line.withLock { line in
            if line == nil { line = input.progress(label, total: total, unit: unit) }
            return line
        }
        current?.update(done: done)
    }

    public func finish() { line.withLock { $0 }?.finish() }
}
