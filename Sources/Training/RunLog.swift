// The run's three logs: log.jsonl (one line per step, and one per quarantined shard before the first step without it), metrics.csv (one
// line per epoch, and one for an epoch in which the run was stopped), timing.csv (the values that differ between equal runs).
// Invariant: log.jsonl and metrics.csv are a pure function of settings and data. Numbers are written so that reading them gives the same
// value.
import Files
import Foundation
import Metrics
import Networks
import Shards

struct EpochRecord {
    let epoch: Int, step: Int
    let learningRate: Double
    let training: LossTerms
    /// Nil for an epoch within which the run stopped, unless it was validated there.
    let validation: LossTerms?
    let metrics: SegmentationMetrics?
    let isBest: Bool
}

final class RunLog {
    private let steps: GrowingFile, epochs: GrowingFile, timing: GrowingFile
    /// The columns of metrics.csv: those of its first line. A run that a version with fewer or other columns began keeps them.
    private let columns: [String]

    init(_ folder: RunFolder, state: TrainerState) throws(FileError) {
        steps = try GrowingFile(folder.log, keeping: state.logLength, creates: true)
        epochs = try GrowingFile(folder.metrics, keeping: state.metricsLength, creates: true)
        timing = try GrowingFile(
            folder.timing, keeping: FileIO.exists(folder.timing) ? try FileIO.size(folder.timing) : 0, creates: true)
        if epochs.length == 0 {
            columns =
                ["epoch", "step", "learning_rate"] + RunLog.termNames.map { "train_\($0)" } + RunLog.termNames.map { "val_\($0)" }
                + SegmentationMetrics.columns.map { "val_\($0)" } + ["best", Self.complete]
            try epochs.append(line: columns.joined(separator: ","))
        } else {
            let first = try FileIO.readText(folder.metrics).prefix { $0 != "\n" }
            columns = first.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        if timing.length == 0 { try timing.append(line: "epoch,train_seconds,train_images,images_per_second,validation_seconds") }
    }

    func step(_ step: Int, epoch: Int, batch: Int, learningRate: Double, terms: LossTerms) throws(FileError) {
        var line = "{\"step\":\(step),\"epoch\":\(epoch + 1),\"batch\":\(batch),\"learning_rate\":\(learningRate),\"loss\":\(terms.total)"
        for part in terms.parts { line += ",\"\(part.name)\":\(part.value)" }
        try steps.append(line: line + "}")
    }

    /// Logs a shard that the run skips from here on.
    func quarantined(_ shard: QuarantinedShard) throws(FileError) {
        func quoted(_ text: String) -> String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .withoutEscapingSlashes
            return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
        }
        try steps.append(
            line:
                "{\"quarantined\":\(quoted(shard.split + "/" + shard.shard)),\"samples\":\(shard.samples),\"reason\":\(quoted(shard.reason))}"
        )
    }

    func epoch(_ record: EpochRecord) throws(FileError) { try epochs.append(line: row(record, isWhole: true)) }

    /// A row for the epoch within which the run stops: what it has so far, with 0 in the column `complete`. It is behind the length in the
    /// saved state, so a resumed run replaces it. A run whose columns are older has no such row: nothing would tell it from an epoch's.
    func unfinishedEpoch(_ record: EpochRecord) throws(FileError) {
        if columns.contains(Self.complete) { try epochs.append(line: row(record, isWhole: false)) }
    }

    private func row(_ record: EpochRecord, isWhole: Bool) -> String {
        var values = [
            "epoch": "\(record.epoch + 1)", "step": "\(record.step)", "learning_rate": "\(record.learningRate)",
            "best": record.isBest ? "1" : "0", Self.complete: isWhole ? "1" : "0",
        ]
        for (name, terms) in [("train", record.training), ("val", record.validation)] {
            guard let terms else { continue }
            for (term, value) in zip(Self.termNames, Self.values(terms)) { values["\(name)_\(term)"] = value.map { "\($0)" } }
        }
        for entry in record.metrics?.entries ?? [] { values["val_\(entry.type.column)"] = entry.value.map { "\($0)" } }
        return columns.map { values[$0] ?? "" }.joined(separator: ",")
    }

    func timing(epoch: Int, trainSeconds: Double, stepSeconds: Double, images: Int, validationSeconds: Double) throws(FileError) {
        let rate = stepSeconds > 0 ? Double(images) / stepSeconds : 0
        try timing.append(line: "\(epoch + 1),\(Self.short(trainSeconds)),\(images),\(Self.short(rate)),\(Self.short(validationSeconds))")
    }

    /// Flushes the logs and records their lengths in the state that is about to be saved.
    func settle(into state: inout TrainerState) throws(FileError) {
        for file in [steps, epochs, timing] { try file.synchronise() }
        state.logLength = steps.length
        state.metricsLength = epochs.length
    }

    /// The column that is 1 for whole epochs.
    private static let complete = "complete"

    /// Columns of a loss in metrics.csv: the total, and the parts of all kinds of loss.
    private static let termNames = ["loss"] + Losses.partNames.map { "\($0)_loss" }

    private static func values(_ terms: LossTerms) -> [Double?] { [terms.total] + Losses.partNames.map { terms[$0] } }

    private static func short(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}
