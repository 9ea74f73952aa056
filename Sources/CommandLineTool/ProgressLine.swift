// Progress of long work, with rate and time left: on a terminal one line that is redrawn, elsewhere a plain line from time to time.
// Any thread may call it. (Not named Progress: Foundation has a class of that name.)
import Foundation
import Synchronization

public final class ProgressLine: Sendable {
    private struct State {
        var done: Int
        var firstDone: Int
        var detail = ""
        /// Units per second as the caller measured them; nil means that the clock measures them.
        var rate: Double?
        var lastShown: Double
        var finished = false
    }

    private let label: String
    private let total: Int
    private let unit: String
    private let console: Console
    private let clock: @Sendable () -> Double
    private let start: Double
    private let state: Mutex<State>

    /// - Parameters:
    ///   - total: number of units; 0 if unknown.
    ///   - alreadyDone: units done before this run; they count for the percentage but not for the rate.
    ///   - clock: monotonic seconds; injected for tests.
    public init(
        _ label: String, total: Int, unit: String, alreadyDone: Int = 0, console: Console = .standard,
        clock: @escaping @Sendable () -> Double = { ProcessInfo.processInfo.systemUptime }
    ) {
        self.label = label
        self.total = total
        self.unit = unit
        self.console = console
        self.clock = clock
        start = clock()
        let never = -Double.infinity
        state = Mutex(State(done: alreadyDone, firstDone: alreadyDone, lastShown: console.errorIsTerminal ? never : clock()))
    }

    /// Sets the total number of finished units. `detail` appears at the end of the line until it is replaced. `rate` replaces the rate by
    /// the clock, which also counts pauses.
    public func update(done: Int, detail: String? = nil, rate: Double? = nil) {
        let now = clock()
        let line: String? = state.withLock { state in
            state.done = max(state.done, done)
            if let detail { state.detail = detail }
            if let rate { state.rate = rate }
            guard !state.finished, now - state.lastShown >= (console.errorIsTerminal ? 0.1 : 10) else { return nil }
            state.lastShown = now
            return text(state, now: now)
        }
        if let line { console.redraw(line, isProgress: true) }
    }

    public func advance(by count: Int = 1) {
        let done = state.withLock { $0.done + count }
        update(done: done)
    }

    /// Ends the line with `summary`, or with the number of finished units and the time taken. Later calls do nothing.
    public func finish(summary: String? = nil) {
        let now = clock()
        let line: String? = state.withLock { state in
            if state.finished { return nil }
            state.finished = true
            if let summary { return "\(label): \(summary)" }
            let count = state.done - state.firstDone
            return "\(label): \(state.done) \(unit) in \(Self.duration(now - start))"
                + (count > 0 && now > start ? ", \(Self.rate(Double(count) / (now - start))) \(unit)/s" : "")
        }
        if let line { console.redraw(line) }
    }

    /// Prints a whole line without breaking the progress line.
    public func say(_ line: String) { console.redraw(line) }

    private func text(_ state: State, now: Double) -> String {
        var line = "\(label): \(state.done)"
        if total > 0 { line += "/\(total)" }
        line += " \(unit)"
        if total > 0 { line += " (\(min(100, state.done * 100 / total)) %)" }
        let count = state.done - state.firstDone
        if count > 0, now > start {
            let rate = Double(count) / (now - start)
            line += ", \(Self.rate(state.rate ?? rate)) \(unit)/s"
            if total > state.done { line += ", \(Self.duration(Double(total - state.done) / rate)) left" }
        }
        return state.detail.isEmpty ? line : line + ", " + state.detail
    }

    /// 123, 12.3, 1.23.
    public static func rate(_ value: Double) -> String {
        value >= 100 ? String(Int(value.rounded())) : String(format: value >= 10 ? "%.1f" : "%.2f", value)
    }

    /// 4.2 s, 3 min 20 s, 2 h 5 min.
    public static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "unknown" }
        if seconds < 60 { return String(format: seconds < 10 ? "%.1f s" : "%.0f s", seconds) }
        let whole = Int(seconds.rounded())
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
