// The progress line on a terminal and in a log, with a clock of the test's own.
import CommandLineTool
import Synchronization
import Testing

private final class Clock: Sendable {
    private let seconds = Mutex(0.0)
    func advance(_ by: Double) { seconds.withLock { $0 += by } }
    var now: Double { seconds.withLock { $0 } }
}

@Suite struct ProgressLineTests {
    @Test func aTerminalIsRedrawnWithRateAndTimeLeft() {
        let clock = Clock(), recording = RecordingConsole()
        let line = ProgressLine(
            "reading", total: 200, unit: "files", console: recording.console(errorIsTerminal: true), clock: { clock.now })
        clock.advance(10)
        line.update(done: 50)
        line.update(done: 51)  // too soon: not shown
        clock.advance(10)
        line.update(done: 100, detail: "loss 0.5")
        line.finish()
        line.finish()
        #expect(
            recording.error == "\r\u{1B}[2Kreading: 50/200 files (25 %), 5.00 files/s, 30 s left"
                + "\r\u{1B}[2Kreading: 100/200 files (50 %), 5.00 files/s, 20 s left, loss 0.5"
                + "\r\u{1B}[2Kreading: 100 files in 20 s, 5.00 files/s\n")
    }

    @Test func aLogGetsPlainLinesNowAndThen() {
        let clock = Clock(), recording = RecordingConsole()
        let line = ProgressLine(
            "training", total: 1000, unit: "images", alreadyDone: 100, console: recording.console(), clock: { clock.now })
        for _ in 0..<30 {
            clock.advance(1)
            line.advance(by: 2)
        }
        #expect(
            recording.error == """
                training: 120/1000 images (12 %), 2.00 images/s, 7 min 20 s left
                training: 140/1000 images (14 %), 2.00 images/s, 7 min 10 s left
                training: 160/1000 images (16 %), 2.00 images/s, 7 min 0 s left

                """)
    }

    @Test(arguments: [(0.25, "0.2 s"), (59.4, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (.infinity, "unknown")])
    func durations(seconds: Double, text: String) { #expect(ProgressLine.duration(seconds) == text) }
}
