// Surface measures: conventions, symmetry, and a plain computation from the definitions on random masks.
import Metrics
import Randomness
import Testing

@Suite struct SurfaceTests {
    /// The definitions, written plainly: boundaries by four neighbours, distances by search, sorted lists.
    private struct Plain {
        var fromPrediction: [Double] = [], fromTruth: [Double] = []

        init(_ pair: MaskPair, _ spacing: Spacing) {
            let truth = Self.boundary(pair.truth), prediction = Self.boundary(pair.prediction)
            func nearest(_ place: (Int, Int), _ others: [(Int, Int)]) -> Double {
                others.map { other in
                    let rows = spacing.row * Double(place.0 - other.0), columns = spacing.column * Double(place.1 - other.1)
                    return (rows * rows + columns * columns).squareRoot()
                }.min() ?? .infinity
            }
            fromPrediction = prediction.map { nearest($0, truth) }
            fromTruth = truth.map { nearest($0, prediction) }
        }

        static func boundary(_ mask: BinaryMask) -> [(Int, Int)] {
            func isForeground(_ row: Int, _ column: Int) -> Bool {
                (0..<mask.height).contains(row) && (0..<mask.width).contains(column) && mask.pixels[row * mask.width + column] != 0
            }
            return mask.pixels.indices.map { ($0 / mask.width, $0 % mask.width) }.filter { row, column in
                isForeground(row, column)
                    && !(isForeground(row - 1, column) && isForeground(row + 1, column) && isForeground(row, column - 1)
                        && isForeground(row, column + 1))
            }
        }

        static func percentile(_ q: Double, _ values: [Double]) -> Double {
            let sorted = values.sorted(), place = q / 100 * Double(values.count - 1), below = Int(place)
            return below + 1 < sorted.count ? sorted[below] + (sorted[below + 1] - sorted[below]) * (place - Double(below)) : sorted[below]
        }
    }

    @Test func distancesAndMeasuresFollowTheDefinitions() throws {
        var generator = SplitMix64(seed: 5)
        for (width, height) in testSizes + [(24, 20)] {
            for spacing in [Spacing.pixels, try Spacing(row: 0.4, column: 1.5)] {
                for boxes in 1...4 {
                    let pair = try MaskPair(
                        truth: .boxes(boxes, width: width, height: height, &generator),
                        prediction: .boxes(boxes, width: width, height: height, &generator))
                    let surfaces = SurfaceDistances(pair, spacing: spacing), plain = Plain(pair, spacing)
                    let all: [Double] = plain.fromTruth + plain.fromPrediction
                    for (one, other) in zip(surfaces.fromTruth + surfaces.fromPrediction, all) {
                        let difference: Double = abs(one - other)
                        #expect(difference <= 1e-13 * other)
                    }
                    #expect(surfaces.fromTruth.count == plain.fromTruth.count)
                    #expect(surfaces.fromPrediction.count == plain.fromPrediction.count)
                    for percentile in [0, 37.5, 50, 95, 100] {
                        let expected: Double = max(
                            Plain.percentile(percentile, plain.fromTruth), Plain.percentile(percentile, plain.fromPrediction))
                        let distance: Double = try #require(surfaces.hausdorff(percentile: percentile))
                        #expect(abs(distance - expected) <= 1e-12)
                    }
                    let mean: Double = all.reduce(0, +) / Double(all.count), average: Double = try #require(surfaces.averageSymmetric)
                    #expect(abs(average - mean) <= 1e-12)
                    for tolerance in [0, 0.4, 1, 2] {
                        let within = all.filter { $0 <= tolerance + 1e-6 }.count
                        #expect(surfaces.normalisedSurfaceDistance(tolerance: tolerance) == Double(within) / Double(all.count))
                    }
                }
            }
        }
    }

    @Test func measuresDoNotChangeWhenTheMasksAreExchangedTurnedOrMoved() throws {
        var generator = SplitMix64(seed: 6)
        for _ in 0..<20 {
            let truth = try BinaryMask.boxes(3, width: 20, height: 16, &generator)
            let prediction = try BinaryMask.boxes(2, width: 20, height: 16, &generator)
            let pair = try MaskPair(truth: truth, prediction: prediction), measures = Self.measures(pair)
            #expect(Self.measures(pair.exchanged) == measures)
            Self.expectEqual(Self.measures(try MaskPair(truth: truth.transposed, prediction: prediction.transposed)), measures)
            #expect(Self.measures(try MaskPair(truth: Self.framed(truth), prediction: Self.framed(prediction))) == measures)
        }
    }

    private static func measures(_ pair: MaskPair) -> [Double?] {
        let surfaces = SurfaceDistances(pair)
        return [surfaces.hausdorff(), surfaces.averageSymmetric, surfaces.normalisedSurfaceDistance(tolerance: 1.5)]
    }

    private static func expectEqual(_ ones: [Double?], _ others: [Double?]) {
        for (one, other) in zip(ones, others) { #expect(abs((one ?? -1) - (other ?? -1)) <= 1e-12) }
    }

    /// In the middle of a larger image: the border of the image must not matter.
    private static func framed(_ mask: BinaryMask) throws -> BinaryMask {
        let width = mask.width + 9
        var values = [UInt8](repeating: 0, count: width * (mask.height + 7))
        for place in mask.pixels.indices { values[(place / mask.width + 3) * width + place % mask.width + 4] = mask.pixels[place] }
        return try BinaryMask(width: width, height: mask.height + 7, values: values)
    }

    @Test func equalMasksAreAtDistanceZero() throws {
        let mask = try BinaryMask(rows: ["..##", ".###", "####"])
        let surfaces = SurfaceDistances(try MaskPair(truth: mask, prediction: mask))
        #expect(surfaces.hausdorff() == 0 && surfaces.averageSymmetric == 0)
        #expect(surfaces.normalisedSurfaceDistance(tolerance: 0) == 1)
    }

    @Test func emptyMasks() throws {
        let empty = try BinaryMask(rows: ["...", "..."]), one = try BinaryMask(rows: [".#.", "..."])
        let both = SurfaceDistances(try MaskPair(truth: empty, prediction: empty))
        #expect(!both.isUndefined && both.hausdorff() == 0 && both.averageSymmetric == 0)
        #expect(both.normalisedSurfaceDistance(tolerance: 1) == 1)
        for pair in [try MaskPair(truth: one, prediction: empty), try MaskPair(truth: empty, prediction: one)] {
            let surfaces = SurfaceDistances(pair)
            #expect(surfaces.isUndefined && surfaces.hausdorff() == nil && surfaces.averageSymmetric == nil)
            #expect(surfaces.normalisedSurfaceDistance(tolerance: .infinity) == 0)
        }
    }

    @Test func foregroundAtTheImageBorderIsBoundary() throws {
        let full = try BinaryMask(rows: ["###", "###", "###"]), middle = try BinaryMask(rows: ["...", ".#.", "..."])
        let surfaces = SurfaceDistances(try MaskPair(truth: full, prediction: middle))
        #expect(surfaces.fromTruth.count == 8)
        #expect(surfaces.fromPrediction == [1])
        #expect(surfaces.hausdorff(percentile: 100) == 2.0.squareRoot())
    }

    @Test func aDiagonalNeighbourAloneMakesNoBoundary() throws {
        let missingCorner = try BinaryMask(rows: ["####", "####", "####", "###."])
        let surfaces = SurfaceDistances(try MaskPair(truth: missingCorner, prediction: missingCorner))
        #expect(surfaces.fromTruth.count == 11)
    }

    @Test func distancesEqualToTheToleranceCount() throws {
        let left = try BinaryMask(rows: ["#...."]), right = try BinaryMask(rows: ["...#."])
        let surfaces = SurfaceDistances(try MaskPair(truth: left, prediction: right), spacing: try Spacing(row: 0.1, column: 0.1))
        #expect(surfaces.normalisedSurfaceDistance(tolerance: 0.3) == 1)
        #expect(surfaces.normalisedSurfaceDistance(tolerance: 0.29) == 0)
    }
}
