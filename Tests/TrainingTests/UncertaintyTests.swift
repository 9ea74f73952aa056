// Several predictions of one image: their passes, their mean, what does not change them; and calibration.
import EmulatedGPU
import Files
import Foundation
import Metrics
import Networks
import Segmenting
import Tensors
import TestSupport
import Testing
import Text
import Training

@Suite(.serialized) struct UncertaintyTests {
    /// A trained run, and evaluations of it.
    private struct Work {
        let runs: Runs
        let backend: any Backend

        init(_ runs: Runs? = nil, threads: Int = 1, on device: (any Backend)? = nil) throws {
            backend = try device ?? CPUBackend(threads: threads)
            if let runs {
                self.runs = runs
            } else {
                self.runs = try Runs()
                try self.runs.train("run")
            }
        }

        var checkpoint: String { RunFolder(runs.folder.file("run")).best }

        func model() throws -> TrainedModel { try TrainedModel(checkpoint: checkpoint, textEncoder: nil, backend: backend) }

        func report(
            _ kind: UncertaintyKind?, models: [TrainedModel]? = nil, batchSize: Int = 2, split: String = "test", predictions: String? = nil,
            change: (inout Evaluator) -> Void = { _ in }
        ) throws -> EvaluationReport {
            var evaluator = Evaluator(models: try models ?? [model()], shards: runs.shards, split: split, batchSize: batchSize, workers: 1)
            evaluator.uncertainty = kind
            evaluator.resamples = 0
            change(&evaluator)
            return try evaluator.run(predictions: predictions, cancellation: Cancellation()) { _, _, _ in }
        }
    }

    @Test func optionsNameKinds() {
        for name in ["entropy", "mc-dropout:2", "mc-dropout:1000", "augment", "captions", "ensemble"] {
            #expect(UncertaintyKind(name)?.name == name)
        }
        for name in ["", "mc-dropout", "mc-dropout:", "mc-dropout:1", "mc-dropout:1001", "mc-dropout:5:6", "Augment", "captions:3"] {
            #expect(UncertaintyKind(name) == nil, "\(name)")
        }
    }

    @Test func aFlippedImageIsAskedWithItsOwnCaption() {
        let passes = UncertaintyKind.augment.passes(caption: "one polyp in top left of the image")
        #expect(passes.map(\.mirroring.horizontal) == [false, true, false, true])
        #expect(passes.map(\.mirroring.vertical) == [false, false, true, true])
        #expect(
            passes.map(\.caption) == [
                "one polyp in top left of the image", "one polyp in top right of the image", "one polyp in bottom left of the image",
                "one polyp in bottom right of the image",
            ])
        // A word whose side is in doubt keeps the flips of that direction away.
        #expect(UncertaintyKind.augment.passes(caption: "polyp near the liver").map(\.mirroring.horizontal) == [false, false])
        #expect(UncertaintyKind.augment.passes(caption: nil).count == 4)
    }

    @Test func captionsOfAnImageAreDistinctAndBeginWithItsOwn() {
        let caption = "two small polyps, located in top left of the image"
        let passes = UncertaintyKind.captions.passes(caption: caption, others: ["Two polyps", "two  polyps", caption])
        #expect(passes[0].caption == caption && passes[1].caption == "Two polyps")
        #expect(Set(passes.map(\.caption)).count == passes.count && passes.count > 4)
        #expect(!passes.contains { $0.caption == "two  polyps" })
    }

    /// Passes of other batches differ in the last bits alone.
    @Test func severalPredictionsDependOnNothingButTheImage() throws {
        let work = try Work(), two = try Work(work.runs, threads: 2)
        func values(_ report: EvaluationReport) throws -> [Double] {
            struct Report: Decodable {
                struct Sample: Decodable { let uncertainty: [String: Double] }
                let samples: [Sample]
            }
            return try JSONDecoder().decode(Report.self, from: Data(report.json)).samples
                .flatMap { $0.uncertainty.sorted { $0.key < $1.key }.map(\.value) }
        }
        for kind in [UncertaintyKind.dropout(passes: 9), .augment] {
            let one = try work.report(kind), expected = try values(one)
            #expect(String(decoding: try one.json, as: UTF8.self).contains("\"kind\" : \"\(kind.name)\""))
            for other in [try work.report(kind, batchSize: 3), try two.report(kind, batchSize: 1)] {
                let found = try values(other)
                #expect(found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 }, "\(kind.name)")
            }
        }
    }

    @Test func oneCaptionOrOneNetworkIsThePlainPrediction() throws {
        let work = try Work(), plain = try work.report(nil)
        // No rule knows another way to say "square on the left".
        for report in [
            try work.report(.captions), try work.report(.entropy), try work.report(.ensemble, models: [work.model(), work.model()]),
        ] {
            #expect(report["dice"] == plain["dice"] && report.calibration.brier == plain.calibration.brier)
            for (own, other) in zip(report.samples, plain.samples) { #expect(own.counts == other.counts) }
            let value = try #require(report.uncertainty?.auroc("entropy"))
            #expect(value > 0 && value <= 1)
        }
        #expect(plain.uncertainty == nil)
        let text = try work.report(.ensemble, models: [work.model(), work.model()]).table
        #expect(text.contains("mean of 2 networks") && text.contains("ensemble, 2 predictions an image"), "\(text)")
    }

    /// The picture is the same in a mirror, and nothing is read: so is the mean over flips.
    @Test func theMeanOverFlipsOfASymmetricImageIsSymmetric() throws {
        let runs = try Runs(captions: .none)
        try runs.train(
            "run", steps: 2,
            change: {
                $0 = RunConfiguration(shards: $0.shards, model: UNet.descriptor)
                $0.model.options["width"] = "4"
            })
        let work = try Work(runs)
        func map(_ kind: UncertaintyKind?) throws -> [Float] {
            let folder = runs.folder.file(kind?.name ?? "plain")
            let report = try work.report(kind, predictions: folder) { $0.blanksImages = true }
            let bytes = try FileIO.read("\(folder)/\(report.samples[0].id).npy")
            return bytes[128...].withUnsafeBytes { bytes in
                (0..<64 * 64).map { index -> Float in bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self) }
            }
        }
        func asymmetry(_ values: [Float]) -> Float {
            var largest: Float = 0
            for row in 0..<64 {
                for column in 0..<64 { largest = max(largest, abs(values[row * 64 + column] - values[row * 64 + 63 - column])) }
            }
            return largest
        }
        #expect(try asymmetry(map(.augment)) < 1e-6 && asymmetry(map(nil)) > 1e-4)
        #expect(FileIO.exists(runs.folder.file("augment/sample-14.variance.npy")))
        #expect(FileIO.exists(runs.folder.file("augment/sample-14.uncertainty.png")))
        let error = #expect(throws: SegmentingError.self) { _ = try work.report(.dropout(passes: 2)) }
        #expect(error.map { "\($0)" }?.contains("is of unet without dropout") == true)
        let other = #expect(throws: SegmentingError.self) { _ = try work.report(.captions) }
        #expect(other.map { "\($0)" }?.contains("reads no captions, so there are no other ones") == true)
    }

    /// The same elements are dropped on every device.
    @Test func dropoutIsTheSameOnAnEmulatedGPU() throws {
        let work = try Work(), gpu = try Work(work.runs, on: EmulatedGPU.backend())
        func values(_ work: Work) throws -> [Double] {
            let json = try work.report(.dropout(passes: 2)).json
            struct Report: Decodable {
                struct Sample: Decodable { let uncertainty: [String: Double] }
                let samples: [Sample]
            }
            return try JSONDecoder().decode(Report.self, from: Data(json)).samples.flatMap { sample in
                ["entropy", "mutualInformation", "variance"].map { sample.uncertainty[$0] ?? -1 }
            }
        }
        let left = try values(work), right = try values(gpu)
        #expect(left.count == 9 && left.allSatisfy { $0 > 0 })
        for (left, right) in zip(left, right) { #expect(abs(left - right) < 0.02 * abs(left) + 1e-6, "\(left) \(right)") }
    }

    // MARK: Calibration

    @Test func theTemperatureBelongsToItsCheckpoint() throws {
        let work = try Work(), model = try work.model(), path = SavedCalibration.path(of: work.checkpoint)
        #expect(path == work.runs.folder.file("run/calibration.json"))
        func refusal() -> String {
            let error = #expect(throws: SegmentingError.self) {
                _ = try SavedCalibration.read(for: work.checkpoint, shards: work.runs.shards)
            }
            return error.map { "\($0)" } ?? ""
        }
        let command = "segment calibrate --run \(work.runs.folder.file("run")) --shards \(work.runs.shards)"
        #expect(refusal() == "\(path): no such file; make it with `\(command)`")

        let saved = try Calibrator(model: model, shards: work.runs.shards, batchSize: 3, workers: 1)
            .run(cancellation: Cancellation()) { _, _, _ in }
        #expect(saved.images == 4 && saved.temperature.after <= saved.temperature.before && saved.table.contains("temperature"))
        try FileIO.writeAtomically(saved.json, to: path)
        let read = try SavedCalibration.read(for: work.checkpoint, shards: nil)
        #expect(read.temperature == saved.temperature && read.bestForImages == saved.bestForImages && SavedCalibration.isOne(path))

        // An evaluation of the same split shows the figures that the file promises.
        let plain = try work.report(nil, split: "val")
        #expect(abs((plain.calibration.ece ?? 0) - (saved.before.ece ?? 1)) < 1e-5)
        model.temperature = read.temperature
        let tempered = try work.report(nil, models: [model], split: "val") {
            $0.threshold = read.threshold(.images, tempered: true)
            $0.thresholdSource = .best
        }
        // But for the rounding of other batches.
        #expect(abs((tempered.calibration.ece ?? 0) - (saved.after.ece ?? 1)) < 1e-5)
        #expect(abs((tempered.calibration.negativeLogLikelihood ?? 0) - (saved.after.negativeLogLikelihood ?? 1)) < 1e-5)
        #expect(abs((tempered["meanImageDice"] ?? 0) - saved.bestForImages.dice) < 1e-3)
        #expect(saved.bestForImages.dice >= saved.bestForImages.diceAtHalf && saved.bestForPixels.dice >= saved.bestForPixels.diceAtHalf)
        #expect(String(decoding: try tempered.json, as: UTF8.self).contains("\"thresholdSource\" : \"best\""))

        // At a threshold of the curve the masks have the curve's counts.
        let quarter = try work.report(nil) { $0.threshold = 0.25 }
        let point = try #require(quarter.curve.first { $0.threshold == 0.25 })
        #expect(quarter.counts.truePositive == point.truePositive && quarter.counts.falsePositive == point.falsePositive)

        try work.runs.train("other", steps: 1)
        try FileIO.writeAtomically(saved.json, to: work.runs.folder.file("other/calibration.json"))
        let other = RunFolder(work.runs.folder.file("other"))
        let error = #expect(throws: SegmentingError.self) { _ = try SavedCalibration.read(for: other.last, shards: nil) }
        #expect(error.map { "\($0)" }?.contains("no such file; make it with `segment calibrate --checkpoint") == true)
        let foreign = #expect(throws: SegmentingError.self) { _ = try SavedCalibration.read(path, for: other.last, shards: nil) }
        #expect(foreign.map { "\($0)" }?.contains("is the calibration of other weights") == true)
        try FileIO.writeAtomically(Array("{}".utf8), to: path)
        #expect(refusal().contains("not a file of segment calibrate"))
    }
}
