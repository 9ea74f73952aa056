// Small comparisons in code, for the tests of this target.
import Comparing
import Explaining
import Imaging
import Metrics

enum Comparisons {
    static func run(
        _ name: String, _ dice: [Double?], seed: UInt64? = nil, setting: String = "one", otherSplits: [String] = [],
        metrics: [String: Estimate]? = nil, rate: Double? = 12.34
    ) -> ComparedRun {
        let known = dice.compactMap { $0 }, mean = known.reduce(0, +) / Double(max(known.count, 1))
        return ComparedRun(
            name: name, checkpoint: "runs/\(name)/best.safetensors", model: "UA-VLS", readsText: true, parameters: 43_040_000,
            operations: 17.77e9, imagesPerSecond: rate,
            metrics: metrics ?? [
                "dice": Estimate(value: mean, low: mean - 0.05, high: mean + 0.05), "iou": Estimate(value: mean / 2),
                "meanIou": Estimate(value: 0.9),
                "meanImageDice": Estimate(value: mean, low: mean - 0.04, high: mean + 0.04),
                "meanImageHd95": Estimate(value: 20 * (1 - mean)),
            ], ece: 0.0312, dice: dice, setting: seed.map { RunSetting(identity: setting, seed: $0) }, otherSplits: otherSplits)
    }

    static func comparison(
        _ runs: [ComparedRun], patients: [String?]? = nil, published: [PublishedFigures] = [], resamples: Int = 200,
        timing: String? = "median of 5 passes"
    ) -> Comparison {
        Comparison(
            shards: "shards/demo", split: "test", ids: (0..<runs[0].dice.count).map { "image_\($0)" }, patients: patients, runs: runs,
            published: published, resamples: resamples, timing: timing)
    }

    static let two = comparison([
        run("first", [0.9, 0.8, 0.7, 0.2, 0.95, 0.6]), run("second", [0.92, 0.85, 0.6, 0.5, 0.95, 0.1]),
    ])

    /// A square on grey; each run's mask is the truth moved by as many pixels.
    /// - Parameter activation: whether each run has a map, of 4x4 values that grow to the right.
    static func panel(_ id: String, caption: String? = nil, shifts: [Int], activation: Bool = false) -> PanelRow {
        func mask(_ shift: Int) -> Raster {
            Raster(
                width: 16, height: 16, channels: 1,
                pixels: (0..<256).map { UInt8((4..<10).contains($0 / 16) && (4 + shift..<10 + shift).contains($0 % 16) ? 1 : 0) })
        }
        return PanelRow(
            id: id, caption: caption, image: Raster(width: 16, height: 16, channels: 3, filledWith: 128), truth: mask(0),
            predictions: shifts.map {
                .init(
                    mask: mask($0), dice: 1 - Double($0) / 6,
                    activation: activation ? HeatMap(width: 4, height: 4, values: (0..<16).map { Float($0 % 4) }) : nil)
            })
    }
}
