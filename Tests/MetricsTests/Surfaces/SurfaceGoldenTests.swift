// Surface measures and distances against SciPy, MONAI, MetricsReloaded and DeepMind's surface-distance (Scripts/golden/surfaces.py).
import Foundation
import Metrics
import TestSupport
import Testing

/// A number of a JSON file that may be infinite there ("inf").
struct GoldenNumber: Codable, Equatable {
    let value: Double

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        value = try (try? container.decode(String.self)) == "inf" ? .infinity : container.decode(Double.self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if value.isInfinite { try container.encode("inf") } else { try container.encode(value) }
    }
}

private struct Golden: Codable {
    struct Expected: Codable {
        let hausdorff95: Double, hausdorff: Double, averageSymmetric: Double, boundaryOfTruth: Int, boundaryOfPrediction: Int
        let normalisedSurfaceDistance: [Double]
    }
    /// What another library makes of the masks; nil is NaN.
    struct Peer: Codable {
        let hausdorff95: GoldenNumber?, averageSymmetric: GoldenNumber?, normalisedSurfaceDistance: [GoldenNumber?]

        var values: [Double?] { [hausdorff95?.value, averageSymmetric?.value] + normalisedSurfaceDistance.map { $0?.value } }
    }
    struct Case: Codable {
        let name: String, width: Int, height: Int, truth: [Int], prediction: [Int], spacing: [Double], tolerances: [Double]
        let expected: Expected?
        let monai: Peer, metricsReloaded: Peer, surfaceDistance: Peer

        var surfaces: SurfaceDistances {
            get throws {
                try SurfaceDistances(
                    MaskPair(
                        truth: BinaryMask(width: width, height: height, runs: truth),
                        prediction: BinaryMask(width: width, height: height, runs: prediction)),
                    spacing: Spacing(row: spacing[0], column: spacing[1]))
            }
        }

        /// In the order of `Peer.values`.
        var found: [Double?] {
            get throws {
                let surfaces = try surfaces
                return [surfaces.hausdorff(), surfaces.averageSymmetric]
                    + tolerances.map { surfaces.normalisedSurfaceDistance(tolerance: $0) }
            }
        }
    }
    let cases: [Case], empty: [Case]
}

private struct Transforms: Codable {
    struct Case: Codable {
        let name: String, width: Int, height: Int, mask: [Int], spacing: [Double], sum: Double, step: Int, values: [Double]
    }
    let cases: [Case]
}

@Suite struct SurfaceGoldenTests {
    private static func data(_ name: String) throws -> Data {
        try Data(contentsOf: #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Golden")))
    }

    private static func golden() throws -> Golden { try JSONDecoder().decode(Golden.self, from: data("surfaces")) }

    @Test func measuresEqualTheDefinitionsInFloat64() throws {
        for golden in try Self.golden().cases {
            let expected = try #require(golden.expected), surfaces = try golden.surfaces
            let values = [expected.hausdorff95, expected.averageSymmetric] + expected.normalisedSurfaceDistance
            for (found, expected) in zip(try golden.found, values) {
                #expect(try abs(#require(found) - expected) <= 1e-12 * max(expected, 1), "\(golden.name)")
            }
            #expect(try abs(#require(surfaces.hausdorff(percentile: 100)) - expected.hausdorff) <= 1e-12 * expected.hausdorff)
            #expect(surfaces.fromTruth.count == expected.boundaryOfTruth, "\(golden.name)")
            #expect(surfaces.fromPrediction.count == expected.boundaryOfPrediction, "\(golden.name)")
        }
    }

    /// MONAI computes in float32: the position of a percentile alone is off by 6e-8 x 0.95 (n - 1), times the step to the next distance.
    @Test func measuresEqualMONAIWithinFloat32() throws {
        for golden in try Self.golden().cases {
            for (found, monai) in zip(try golden.found, golden.monai.values) {
                #expect(try abs(#require(found) - #require(monai)) <= 5e-6, "\(golden.name)")
            }
        }
    }

    @Test func measuresEqualMetricsReloaded() throws {
        for golden in try Self.golden().cases {
            for (found, reloaded) in zip(try golden.found, golden.metricsReloaded.values) {
                let reloaded = try #require(reloaded)
                #expect(try abs(#require(found) - reloaded) <= 1e-12 * max(reloaded, 1), "\(golden.name)")
            }
        }
    }

    /// The worked example of docs/reference/metrics.md: surface-distance measures contours between pixel centres.
    @Test func surfaceDistanceDiffersAsDocumented() throws {
        let example = try #require(try Self.golden().cases.first { $0.name == "example" })
        let found = try example.found.map { ($0.map { ($0 * 1000).rounded() / 1000 }) }
        #expect(found == [2.042, 0.624, 0.48, 0.96, 0.96])
        #expect(example.surfaceDistance.values.map { $0.map { ($0 * 1000).rounded() / 1000 } } == [2.828, 0.553, 0.595, 0.921, 0.921])
    }

    @Test func emptyMasksDifferAsDocumented() throws {
        for golden in try Self.golden().empty {
            let isBothEmpty = golden.name == "bothEmpty"
            #expect(try golden.found == (isBothEmpty ? [0, 0, 1] : [nil, nil, 0]), "\(golden.name)")
            #expect(golden.metricsReloaded.values == (isBothEmpty ? [0, 0, 1] : [nil, nil, 0]), "\(golden.name)")
            #expect(golden.monai.values == (isBothEmpty ? [nil, nil, nil] : [nil, .infinity, 0]), "\(golden.name)")
            #expect(golden.surfaceDistance.values == (isBothEmpty ? [.infinity, nil, nil] : [.infinity, .infinity, 0]), "\(golden.name)")
        }
    }

    @Test func distancesEqualSciPy() throws {
        for golden in try JSONDecoder().decode(Transforms.self, from: Self.data("surfaces-distances")).cases {
            let mask = try BinaryMask(width: golden.width, height: golden.height, runs: golden.mask)
            let spacing = try Spacing(row: golden.spacing[0], column: golden.spacing[1])
            let found = DistanceTransform.squaredDistances(to: mask, spacing: spacing).map { $0.squareRoot() }
            if golden.values.isEmpty {  // SciPy defines no distance where there is no source
                #expect(found.allSatisfy { $0 == .infinity })
                continue
            }
            #expect(abs(found.reduce(0, +) - golden.sum) <= 1e-10 * golden.sum, "\(golden.name)")
            for (index, expected) in golden.values.enumerated() {
                #expect(abs(found[index * golden.step] - expected) <= 1e-11 * max(expected, 1), "\(golden.name)")
            }
        }
    }

    @Test func everyKeyIsRead() throws {
        #expect(try unreadKeys(of: Self.data("surfaces"), by: Golden.self) == [])
        #expect(try unreadKeys(of: Self.data("surfaces-distances"), by: Transforms.self) == [])
    }
}
