// report.html of a run, renewed after its epochs, and outlines.jsonl, from which its samples' predictions are drawn. For people alone:
// nothing reads them to compute, so what goes wrong with them is a note, and the run goes on.
// Invariants: outlines.jsonl is a function of settings and data, as log.jsonl is. The report is one of the run's files, so a resumed run's
// report holds all epochs; it has times, which differ between equal runs. It takes less than a hundredth of the run's time.
import Files
import Foundation
import Imaging
import Metrics
import Networks
import Reports
import Shards

final class RunReport {
    /// The share of a run's time that reports may take; more seldom than after each epoch where these are short.
    private static let share = 0.01

    private let folder: RunFolder
    private let batchesPerEpoch: Int
    private var record: RunRecord
    /// Nil after a failure.
    private var outlines: GrowingFile?
    private let note: (String) -> Void
    private var hasFailed = false
    /// When the last report was written, and the seconds that it took.
    private var last: (at: Double, seconds: Double)?

    init(
        _ folder: RunFolder, _ configuration: RunConfiguration, _ data: TrainingData, state: TrainerState,
        note: @escaping (String) -> Void
    ) {
        self.folder = folder
        self.note = note
        batchesPerEpoch = data.batchesPerEpoch
        record = RunRecord(name: FileIO.lastPart(of: FileIO.absolute(folder.path)))
        record.plannedEpochs = configuration.epochs
        record.imagesPerEpoch = data.train.count
        record.settings = [("shards", configuration.shards)] + configuration.settings.map { (name: $0.option, value: $0.value) }
        if configuration.model.text != nil { record.settings.append(("text-encoder", configuration.textEncoder ?? "untrained")) }
        record.scores = MetricList.ofCounts.map { .init(column: $0.column, title: $0.title, scope: $0.scope.title) }
        // A finished run's files are left as they are.
        if state.finished { return }
        record.steps = StepCurve(log: (try? FileIO.read(folder.log)) ?? [], batchesPerEpoch: batchesPerEpoch)
        let found = SampleOutlines.read((try? FileIO.read(folder.outlines)) ?? [], throughEpoch: state.epoch)
        record.outlines = found.lines
        attempt(folder.outlines) { () throws(FileError) in
            outlines = try GrowingFile(folder.outlines, keeping: found.length, creates: true)
        }
        do {
            record.samples = try (0..<min(Validation.pictures, data.validation.count)).map { try Self.sample($0, of: data.validation) }
        } catch { fail(folder.report, "\(error)") }
    }

    func step(epoch: Int, batch: Int, learningRate: Double, terms: LossTerms) {
        let parts = terms.parts.map { (name: $0.name, value: $0.value) }
        record.steps.add(
            position: StepCurve.position(epoch: epoch + 1, batch: batch, of: batchesPerEpoch),
            [(name: "learning_rate", value: learningRate), (name: "loss", value: terms.total)] + parts)
    }

    /// Keeps the outlines of an epoch's predictions.
    /// - Parameter epoch: from 0.
    func epoch(_ epoch: Int, step: Int, pictures: [ValidationPicture]) {
        guard let outlines else { return }
        let found = SampleOutlines(epoch: epoch + 1, step: step, samples: pictures.map(\.outline))
        record.outlines.append(found)
        attempt(folder.outlines) { () throws(FileError) in try outlines.append(line: found.line) }
    }

    /// Called before a state is saved: the outlines of its epochs are then on the disk.
    func flush() {
        guard let outlines else { return }
        attempt(folder.outlines) { () throws(FileError) in try outlines.synchronise() }
    }

    /// Writes the page. While the run goes on, only if it is time.
    func write(_ status: RunRecord.Status) {
        let start = ProcessInfo.processInfo.systemUptime
        if status == .running, let last, (start - last.at) * Self.share < last.seconds { return }
        record.status = status
        attempt(folder.report) { () throws(FileError) in
            record.epochs = RunRecord.epochs(csv: try FileIO.readText(folder.metrics))
            record.timings = RunRecord.timings(csv: try FileIO.readText(folder.timing))
            // The next report replaces it; the last one is there to stay.
            try FileIO.writeAtomically(
                Array(RunPage.html(record).utf8), to: folder.report, flush: status == .running ? .nothing : .contentAndName)
        }
        let end = ProcessInfo.processInfo.systemUptime
        last = (end, end - start)
    }

    private func attempt(_ path: String, _ body: () throws(FileError) -> Void) {
        do throws(FileError) { try body() } catch {
            if path == folder.outlines { outlines = nil }
            fail(path, "\(error)")
        }
    }

    /// Said once: a disk that is full stays so for a while.
    private func fail(_ path: String, _ reason: String) {
        if !hasFailed { note("the run goes on without \(path): \(reason)") }
        hasFailed = true
    }

    private static func sample(_ index: Int, of shards: ShardSet) throws -> RunRecord.Sample {
        let found = try shards.sample(at: index), size = shards.imageSize
        let image = Raster(width: size, height: size, channels: shards.channels, pixels: found.image)
        let side = min(SampleOutlines.side, size)
        let truth = SampleOutlines.path(of: Raster(width: size, height: size, channels: 1, pixels: found.mask))
        return RunRecord.Sample(
            id: found.id, caption: found.caption,
            jpeg: try JPEGEncoder.encode(image.resizedBicubic(width: side, height: side), quality: 80),
            width: side, height: side, truth: truth)
    }
}

extension ValidationPicture {
    /// The prediction's outline, and its Dice.
    var outline: SampleOutlines.One {
        let mask = Raster(width: image.width, height: image.height, channels: 1, pixels: probabilities.map { $0 > 0.5 ? 1 : 0 })
        var both = 0, sum = 0
        for (predicted, expected) in zip(mask.pixels, truth.pixels) {
            both += predicted != 0 && expected != 0 ? 1 : 0
            sum += (predicted != 0 ? 1 : 0) + (expected != 0 ? 1 : 0)
        }
        let path = SampleOutlines.path(of: mask)
        return SampleOutlines.One(id: id, dice: sum > 0 ? 2 * Double(both) / Double(sum) : nil, side: path.side, path: path.path)
    }
}
