// What a report says beside the metrics of all images: groups by size and number of targets.
import Files
import Foundation
import Imaging
import Metrics
import Segmenting
import Shards
import Tensors
import TestSupport
import Testing
import Text
import Training

@Suite(.serialized) struct EvaluationTests {
    private struct Report: Decodable {
        struct Estimate: Decodable { let value: Double, low: Double?, high: Double? }
        struct Group: Decodable { let images: Int, metrics: [String: Estimate?] }
        struct Groups: Decodable { let sizeLimits: [String: Double]?, bySize: [String: Group], byNumber: [String: Group] }
        struct Counts: Decodable { let truePositive: Int, falsePositive: Int, falseNegative: Int, trueNegative: Int }
        struct Intervals: Decodable { let method: String, units: Int }
        struct Sample: Decodable { let patient: String?, hd95Mm: Double?, nsdMm: Double? }
        struct Uncertainty: Decodable { let fewestPredictions: Int }
        let metrics: [String: Estimate?], groups: Groups
        let metricsAtModelSize: [String: Estimate?], metricsAtOriginalSize: [String: Estimate?]?
        let samples: [Sample], imagesWithMillimetres: Int, toleranceMm: Double
        let atSize: String, counts: Counts, intervals: Intervals, uncertainty: Uncertainty?
    }

    private func report(
        _ runs: Runs, shards: String? = nil, predictions: String? = nil, change: (inout Evaluator) -> Void = { _ in },
        visit: (String, ProbabilityMap) -> Void = { _, _ in }
    ) throws -> Report {
        let model = try TrainedModel(
            checkpoint: RunFolder(runs.folder.file("run")).best, textEncoder: nil, backend: try CPUBackend(threads: 1))
        var evaluator = Evaluator(model: model, shards: shards ?? runs.shards, split: "test", batchSize: 2, workers: 1)
        evaluator.resamples = 50
        change(&evaluator)
        let report = try evaluator.run(predictions: predictions, cancellation: Cancellation(), visit: visit) { _, _, _ in }
        return try JSONDecoder().decode(Report.self, from: Data(report.json))
    }

    /// Pictures of 128 x 128 pixels in shards of 64 x 64, two of one patient.
    @Test func scoresAreThoseOfTheOriginalPicturesAndOfPatients() throws {
        let runs = try Runs()
        try runs.train("run", steps: 2)
        let shards = runs.folder.file("whole"), masks = runs.folder.file("masks")
        try TinyShards.write(to: shards, forEvaluation: true)
        var predicted: [Raster] = []
        let whole = try report(
            runs, shards: shards, predictions: masks,
            change: {
                $0.size = nil; $0.threshold = 0.45
            }
        ) { _, map in
            predicted.append(map.resized(width: 128, height: 128).mask(threshold: 0.45))
        }
        let model = try report(runs, shards: shards, change: { $0.threshold = 0.45 })
        let set = try ShardSet(folder: shards + "/test")
        var counts = PixelCounts()
        for index in 0..<3 {
            let truth = try #require(try set.originalMask(of: index))
            #expect(truth.width == 128)
            counts = counts + .comparing(prediction: predicted[index].pixels, truth: truth.pixels)
            let written = try ImageDecoder.decode(FileIO.read(masks + "/sample-\(14 + index).png")).raster
            #expect(written.width == 128 && written.pixels == predicted[index].pixels.map { $0 * 255 })
        }
        #expect(whole.atSize == "original" && model.atSize == "model" && model.metricsAtOriginalSize == nil)
        let own = whole.counts
        #expect(own.truePositive == counts.truePositive && own.falsePositive == counts.falsePositive)
        #expect(own.falseNegative == counts.falseNegative && own.trueNegative == counts.trueNegative)
        for (key, estimate) in model.metrics {
            #expect(whole.metricsAtModelSize[key]??.value == estimate?.value && whole.metricsAtModelSize[key]??.low == estimate?.low)
        }
        for (key, estimate) in whole.metrics { #expect(whole.metricsAtOriginalSize?[key]??.value == estimate?.value) }
        #expect(whole.intervals.method == "percentile bootstrap of patients" && whole.intervals.units == 2)
        #expect(whole.samples.map(\.patient) == ["patient-7", "patient-7", "patient-8"])
        let plain = try report(runs)
        #expect(plain.intervals.method == "percentile bootstrap of images" && plain.intervals.units == 3)
        #expect(plain.samples.map(\.patient) == [nil, nil, nil])
        let error = #expect(throws: SegmentingError.self) { try report(runs, change: { $0.size = .original }) }
        #expect(error.map { "\($0)".hasSuffix("make them again with `prep shard`, or give --at-size model") } == true)
    }

    /// The spacing of every other picture of the small shards is known.
    @Test func distancesAreInMillimetresWhereTheSpacingIsKnown() throws {
        let runs = try Runs(), shards = runs.folder.file("whole")
        try runs.train("run", steps: 2)
        try TinyShards.write(to: shards, forEvaluation: true)
        var masks: [[UInt8]] = []
        let found = try report(
            runs, shards: shards,
            change: {
                $0.size = nil; $0.threshold = 0.3; $0.toleranceInMillimetres = 4
            }
        ) { _, map in masks.append(map.resized(width: 128, height: 128).mask(threshold: 0.3).pixels) }
        let set = try ShardSet(folder: shards + "/test"), spacing = try Spacing(row: 0.5, column: 0.8)
        var nsd: [Double] = [], hd95: [Double] = []
        for (index, sample) in found.samples.enumerated() {
            let truth = try #require(try set.originalMask(of: index)).pixels
            let distances = SurfaceDistances(
                try MaskPair(
                    truth: BinaryMask(width: 128, height: 128, values: truth),
                    prediction: BinaryMask(width: 128, height: 128, values: masks[index])), spacing: spacing)
            let isKnown = index != 1
            #expect(sample.hd95Mm == (isKnown ? distances.hausdorff() : nil))
            #expect(sample.nsdMm == (isKnown ? distances.normalisedSurfaceDistance(tolerance: 4) : nil))
            if let value = sample.nsdMm { nsd.append(value) }
            if let value = sample.hd95Mm { hd95.append(value) }
        }
        #expect(nsd.count == 2 && found.imagesWithMillimetres == hd95.count && found.toleranceMm == 4)
        #expect(!hd95.isEmpty && found.metrics["meanImageHd95Mm"]??.value == hd95.reduce(0, +) / Double(hd95.count))
        #expect(found.metrics["meanImageNsdMm"]??.value == nsd.reduce(0, +) / 2)
        // Pixels of the network's size are no pixels of the picture.
        #expect(found.metricsAtModelSize["meanImageHd95Mm"]?.flatMap { $0 } == nil)
        #expect(try report(runs, shards: shards).samples.allSatisfy { $0.hd95Mm == nil })
    }

    @Test func variantsOfCaptionsAreComparedByPatients() throws {
        let runs = try Runs(), shards = runs.folder.file("whole")
        try runs.train("run", steps: 2)
        try TinyShards.write(to: shards, forEvaluation: true)
        let model = try TrainedModel(
            checkpoint: RunFolder(runs.folder.file("run")).best, textEncoder: nil, backend: try CPUBackend(threads: 1))
        let reports = try [CaptionVariant.original, .empty].map { variant in
            var evaluator = Evaluator(model: model, shards: shards, split: "test", variant: variant, batchSize: 2, workers: 1)
            evaluator.resamples = 50
            evaluator.threshold = 0.45
            return try evaluator.run(predictions: nil, cancellation: Cancellation()) { _, _, _ in }
        }
        let comparison = CaptionComparison(reports)
        let dice = reports.map { report in report.samples.map { Dice.value($0.counts) } }
        let patients = Bootstrap(images: 3, groups: [0, 0, 1], resamples: 50)
        #expect(comparison.changes == [nil, patients.estimates([.meanDifference(dice[1], dice[0])])[0]])
        #expect(comparison.table.contains("95 % interval, resampled: 2 patients"))
        #expect(reports[0].table.contains("95 % interval, resampled: 2 patients, 50 times"))
    }

    @Test func theImagesOtherCaptionsAreRead() throws {
        let runs = try Runs(), shards = runs.folder.file("whole")
        try runs.train("run", steps: 1)
        try TinyShards.write(to: shards, forEvaluation: true)
        let plain = try report(runs, change: { $0.uncertainty = .captions }),
            more = try report(runs, shards: shards, change: { $0.uncertainty = .captions })
        #expect(try #require(more.uncertainty).fewestPredictions == #require(plain.uncertainty).fewestPredictions + 1)
    }

    /// Every picture of the small shards has one square of 20 x 20 in 64 x 64 pixels.
    @Test func imagesAreGroupedBySizeAndNumberOfTargets() throws {
        let runs = try Runs()
        try runs.train("run", steps: 1)
        let whole = try report(runs)
        #expect(whole.groups.sizeLimits == ["lower": 400.0 / 4096, "upper": 400.0 / 4096])
        #expect(Array(whole.groups.bySize.keys) == ["small"] && Array(whole.groups.byNumber.keys) == ["1"])
        for group in [whole.groups.bySize["small"], whole.groups.byNumber["1"]] {
            #expect(group?.images == 3)
            let own = try #require(group?.metrics["meanImageDice"] ?? nil), all = try #require(whole.metrics["meanImageDice"] ?? nil)
            #expect(own.value == all.value && own.low == all.low && own.high == all.high)
        }
        // Images without foreground have no size.
        let empty = runs.folder.file("empty")
        try TinyShards.write(to: empty, fill: 0)
        let none = try report(runs, shards: empty)
        #expect(none.groups.sizeLimits == nil && none.groups.bySize.isEmpty && none.groups.byNumber["0"]?.images == 3)
    }
}
