// The output for the user during training: a progress line with loss terms, images/s and time left, one line per epoch, and at the end the
// paths of the results.
import CommandLineTool
import Files
import Foundation
import Metrics
import Networks
import Shards
import Training

final class TrainingDisplay: TrainingObserver {
    private let input: CommandInput
    private let configuration: RunConfiguration
    private var progress: ProgressLine?
    private var encoding: ProgressLine?
    /// The time when the program started, and the seconds spent on captions since then.
    private let started: Double
    private var captions: (began: Double, seconds: Double)?
    /// Images and seconds of this process: of the first step, which includes start-up costs, and of all other steps.
    private var first: (images: Int, seconds: Double)?
    private var others = (steps: 0, images: 0, seconds: 0.0)

    /// - Parameter started: the system's uptime when the program started.
    init(_ input: CommandInput, configuration: RunConfiguration, started: Double) {
        self.input = input
        self.configuration = configuration
        self.started = started
    }

    func note(_ line: String) {
        if let progress { progress.say(line) } else { input.note(line) }
    }

    func captionsEncoded(_ done: Int, of total: Int) {
        let now = ProcessInfo.processInfo.systemUptime, began = captions?.began ?? now
        captions = (began, now - began)
        let line = encoding ?? ProgressLine("encoding captions", total: total, unit: "captions", console: input.console)
        encoding = line
        line.update(done: done)
        if done == total { line.finish() }
    }

    func stepFinished(_ step: StepProgress) {
        let done = step.epoch * step.imagesPerEpoch + step.images
        if first == nil {
            first = (step.count, step.seconds)
        } else {
            others = (others.steps + 1, others.images + step.count, others.seconds + step.seconds)
        }
        let line: ProgressLine
        if let progress {
            line = progress
        } else {
            let all = ProcessInfo.processInfo.systemUptime - started, encoding = captions?.seconds ?? 0
            note(String(format: "first step finished after %.2f s, plus %.2f s for encoding captions", all - encoding, encoding))
            // The first step includes start-up costs, so counting begins at its end.
            line = ProgressLine(
                "training", total: step.epochs * step.imagesPerEpoch, unit: "images", alreadyDone: done, console: input.console)
            progress = line
        }
        line.update(
            done: done,
            detail: "epoch \(step.epoch + 1)/\(step.epochs) step \(step.batch)/\(step.batches), \(Self.text(step.terms))"
                + (step.shareOfPeak.map { String(format: ", %.0f %% of peak", $0 * 100) } ?? ""),
            rate: rate)
    }

    /// Images per second over this process's steps without the first; the first step counts only while it is the only one.
    private var rate: Double? {
        let (images, seconds) = others.steps > 0 ? (others.images, others.seconds) : first ?? (0, 0)
        return seconds > 0 ? Double(images) / seconds : nil
    }

    /// For example "12 images in 3 steps, 0.61 images/s".
    private var summary: String {
        let steps = others.steps + (first == nil ? 0 : 1), images = others.images + (first?.images ?? 0)
        return "\(images) images in \(steps) step\(steps == 1 ? "" : "s")" + (rate.map { ", \(ProgressLine.rate($0)) images/s" } ?? "")
    }

    func epochFinished(_ summary: EpochSummary) {
        let shown = summary.metrics.entries.filter { $0.type.scope == .pixels && $0.type.isHeadline }
        let scores =
            "val " + shown.map { String(format: "\($0.type.title) %.2f", ($0.value ?? .nan) * 100) }.joined(separator: " ")
            + String(format: ", %.2f images/s", summary.imagesPerSecond)
        note(
            "epoch \(summary.epoch + 1)/\(summary.epochs): train \(Self.text(summary.training)); val "
                + "\(Self.text(summary.validation)); \(scores)"
                + (summary.isBest ? " (best)" : ""))
    }

    /// - Throws: the error that decides the exit code of a run that stopped before its last epoch.
    func conclude(_ outcome: TrainingOutcome, folder: RunFolder, shards: String, leftOut: [QuarantinedShard]) throws {
        progress?.finish(summary: summary)
        let next =
            "next: segment evaluate --run \(ShellWord.quoted(folder.path)) --shards \(ShellWord.quoted(shards))"
            // A fold is for its own validation split; the test split is that of all.
            + (input.wasGiven("fold") ? " --split val" : "")
        switch outcome {
        case .finished(let epochs): input.print("\(folder.path): \(epochs) epochs done; \(next)")
        case .stoppedEarly(let epoch):
            input.print(
                "\(folder.path): stopped after epoch \(epoch + 1), \(configuration.patience) epochs without a lower validation "
                    + "loss; \(next)"
            )
        case .reachedStepLimit(let step): input.print("\(folder.path): stopped at step \(step) as asked by --max-steps; \(next)")
        case .interrupted(let step):
            throw CommandError(
                .cancelled,
                "stopped after step \(step); the state is saved. To continue: train --run \(ShellWord.quoted(folder.path)) --resume")
        }
        if !leftOut.isEmpty { throw CommandError(.data, "\(leftOut.summary); \(folder.log) says why") }
    }

    private static func text(_ terms: LossTerms) -> String {
        var text = String(format: "loss %.4f", terms.total)
        let parts = terms.parts.map { String(format: "\($0.name) %.4f", $0.value) }
        if parts.count > 1 { text += " (" + parts.joined(separator: ", ") + ")" }
        return text
    }
}
