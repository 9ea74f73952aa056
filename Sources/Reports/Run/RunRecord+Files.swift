// Reads a run's own files: log.jsonl, metrics.csv, timing.csv. A line that is cut off or is not understood is left out, because the page is
// for people; what decides a run's result is read elsewhere, with errors.
import Foundation

extension StepCurve {
    /// The steps of a log.jsonl. Lines without a step, such as those of skipped shards, are left out.
    /// - Parameter batchesPerEpoch: for a step's position within its epoch.
    package init(log: [UInt8], batchesPerEpoch: Int) {
        self.init()
        for line in log.split(separator: UInt8(ascii: "\n")) {
            guard let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any],
                let epoch = (object["epoch"] as? NSNumber)?.intValue, let batch = (object["batch"] as? NSNumber)?.intValue,
                object["step"] != nil
            else { continue }
            var values: [(name: String, value: Double)] = []
            for name in object.keys.sorted() where !["step", "epoch", "batch"].contains(name) {
                if let number = object[name] as? NSNumber { values.append((name, number.doubleValue)) }
            }
            add(position: Self.position(epoch: epoch, batch: batch, of: batchesPerEpoch), values)
        }
    }

    /// - Parameter epoch: from 1.
    package static func position(epoch: Int, batch: Int, of batches: Int) -> Double {
        Double(epoch - 1) + Double(batch) / Double(max(1, batches))
    }
}

extension RunRecord {
    /// The rows of a metrics.csv.
    package static func epochs(csv text: String) -> [Epoch] {
        rows(text).compactMap { row in
            guard let number = row["epoch"], let step = row["step"] else { return nil }
            var values = row
            for name in ["epoch", "step", "best", "complete"] { values[name] = nil }
            return Epoch(
                number: Int(number), step: Int(step), values: values, isBest: row["best"] == 1, isWhole: row["complete"] != 0)
        }
    }

    /// The rows of a timing.csv in the order of epochs; of an epoch that was computed twice, the later.
    package static func timings(csv text: String) -> [Timing] {
        var found: [Int: Timing] = [:]
        for row in rows(text) {
            guard let epoch = row["epoch"].map({ Int($0) }), let seconds = row["train_seconds"], let images = row["train_images"],
                let rate = row["images_per_second"], let validation = row["validation_seconds"]
            else { continue }
            found[epoch] = Timing(epoch: epoch, seconds: seconds, images: images, imagesPerSecond: rate, validationSeconds: validation)
        }
        return found.values.sorted { $0.epoch < $1.epoch }
    }

    /// The numbers of each row by column; empty fields are left out. Rows of another number of fields are no whole rows.
    private static func rows(_ text: String) -> [[String: Double]] {
        let lines = text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        guard let head = lines.first else { return [] }
        return lines.dropFirst().filter { $0.count == head.count }.map { fields in
            var row: [String: Double] = [:]
            for (name, field) in zip(head, fields) {
                if let value = Double(field), value.isFinite { row[String(name)] = value }
            }
            return row
        }
    }
}
