// What metrics.csv says of a run: its epochs, and the validation scores of the epoch whose weights are kept (best.safetensors).
import Files

public struct RunScores: Sendable, Equatable {
    /// Whole epochs.
    public let epochs: Int
    /// The epoch of the lowest validation loss, from 1; nil before the first whole epoch.
    public let bestEpoch: Int?
    /// Over all pixels of the validation split at that epoch, from 0 to 1.
    public let dice: Double?
    public let iou: Double?

    /// - Parameter path: metrics.csv; where it is absent no epoch was finished.
    /// - Throws: `metrics` if it lacks a column that is needed.
    public init(metrics path: String) throws(PlanError) {
        guard FileIO.exists(path) else {
            self = RunScores(epochs: 0)
            return
        }
        let text: String
        do throws(FileError) { text = try FileIO.readText(path, limit: 1 << 26) } catch { throw .file(error) }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let header = lines.first?.map(String.init) ?? []
        let needed = ["epoch", "val_dice", "val_iou", "best"]
        let missing = needed.filter { !header.contains($0) }
        guard missing.isEmpty else { throw .metrics(path: path, missing: missing) }
        func value(_ name: String, _ row: [Substring]) -> Substring? {
            header.firstIndex(of: name).flatMap { $0 < row.count ? row[$0] : nil }
        }
        // An epoch that was stopped has 0 in the column `complete`; older runs lack the column.
        let rows = lines.dropFirst().filter { value("epoch", $0).flatMap { Int($0) } != nil && value("complete", $0) != "0" }
        guard let best = rows.last(where: { value("best", $0) == "1" }) else {
            self = RunScores(epochs: rows.count)
            return
        }
        self = RunScores(
            epochs: rows.count, bestEpoch: value("epoch", best).flatMap { Int($0) },
            dice: value("val_dice", best).flatMap { Double($0) }, iou: value("val_iou", best).flatMap { Double($0) })
    }

    init(epochs: Int, bestEpoch: Int? = nil, dice: Double? = nil, iou: Double? = nil) {
        self.epochs = epochs
        self.bestEpoch = bestEpoch
        self.dice = dice
        self.iou = iou
    }
}
