// Components against SciPy, matching against a plain one and MetricsReloaded, thirds against NumPy (Scripts/golden/lesions.py).
import Foundation
import Metrics
import TestSupport
import Testing

private struct Golden: Codable {
    struct Components: Codable { let areas: [Int], boxes: [[Int]], labelSum: Int }
    struct Level: Codable {
        let threshold: Double, matches: [[Int]], ious: [Double], ambiguous: Bool, atThreshold: Bool
        /// TP, FP, FN. MetricsReloaded takes no image without any lesion.
        let counts: [Int], metricsReloaded: [Int]?
    }
    struct Case: Codable {
        let name: String, width: Int, height: Int, truth: [Int], prediction: [Int]
        let ofTruth: Components, ofPrediction: Components, levels: [Level]
    }
    struct Thirds: Codable { let sizes: [Double], lower: Double, upper: Double }
    let cases: [Case], thirds: [Thirds]
}

@Suite struct LesionGoldenTests {
    private static func data() throws -> Data {
        try Data(contentsOf: #require(Bundle.module.url(forResource: "lesions", withExtension: "json", subdirectory: "Golden")))
    }

    private static func golden() throws -> Golden { try JSONDecoder().decode(Golden.self, from: data()) }

    private static func overlaps(_ golden: Golden.Case) throws -> LesionOverlaps {
        LesionOverlaps(
            try MaskPair(
                truth: BinaryMask(width: golden.width, height: golden.height, runs: golden.truth),
                prediction: BinaryMask(width: golden.width, height: golden.height, runs: golden.prediction)))
    }

    @Test func componentsEqualSciPy() throws {
        for golden in try Self.golden().cases {
            let overlaps = try Self.overlaps(golden)
            for (found, expected) in [(overlaps.truth, golden.ofTruth), (overlaps.prediction, golden.ofPrediction)] {
                #expect(found.components.map(\.area) == expected.areas, "\(golden.name)")
                let boxes = found.components.map { component -> [Int] in
                    let (rows, columns) = (component.bounds.rows, component.bounds.columns)
                    return [rows.lowerBound, rows.upperBound, columns.lowerBound, columns.upperBound]
                }
                #expect(boxes == expected.boxes, "\(golden.name)")
                let sum = found.labels.enumerated().reduce(0) { $0 + Int($1.element) * ($1.offset + 1) }
                #expect(sum == expected.labelSum, "\(golden.name)")
            }
        }
    }

    @Test func matchesEqualThePlainOnes() throws {
        for golden in try Self.golden().cases {
            let overlaps = try Self.overlaps(golden)
            for level in golden.levels {
                let matches = overlaps.matches(atIoU: level.threshold), counts = overlaps.counts(atIoU: level.threshold)
                #expect(matches.map { [$0.truth, $0.prediction] } == level.matches, "\(golden.name)")
                #expect(matches.map(\.iou) == level.ious, "\(golden.name)")
                #expect([counts.truePositive, counts.falsePositive, counts.falseNegative] == level.counts, "\(golden.name)")
            }
        }
    }

    @Test func countsEqualMetricsReloadedWhereThereIsNoChoice() throws {
        var compared = 0
        for golden in try Self.golden().cases {
            let overlaps = try Self.overlaps(golden)
            for level in golden.levels where !level.ambiguous && !level.atThreshold {
                guard let expected = level.metricsReloaded else { continue }
                let counts = overlaps.counts(atIoU: level.threshold)
                #expect([counts.truePositive, counts.falsePositive, counts.falseNegative] == expected, "\(golden.name)")
                compared += 1
            }
        }
        #expect(compared >= 40)
    }

    /// The two worked examples of docs/reference/metrics.md.
    @Test func metricsReloadedDiffersAsDocumented() throws {
        let cases = try Self.golden().cases
        let example = try #require(cases.first { $0.name == "example" }), chain = try #require(cases.first { $0.name == "chain" })
        #expect(example.levels[1].counts == [2, 2, 1] && example.levels[1].metricsReloaded == [1, 3, 2])
        #expect(chain.levels[0].counts == [2, 0, 0] && chain.levels[0].metricsReloaded == [1, 1, 1])
    }

    @Test func thirdsEqualNumPy() throws {
        for golden in try Self.golden().thirds {
            let thirds = try #require(SizeThirds(ofSizes: golden.sizes))
            #expect(abs(thirds.lower - golden.lower) <= 1e-12 * golden.lower)
            #expect(abs(thirds.upper - golden.upper) <= 1e-12 * golden.upper)
        }
    }

    @Test func everyKeyIsRead() throws { #expect(try unreadKeys(of: Self.data(), by: Golden.self) == []) }
}
