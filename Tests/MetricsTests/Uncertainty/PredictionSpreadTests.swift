// Entropy, mutual information and variance of several predictions, against NumPy, SciPy and torch in float64.
import Foundation
import Metrics
import Testing

@Suite struct PredictionSpreadTests {
    @Test func mapsEqualSciPysInFloat64() throws {
        let golden = try UncertaintyGolden.read().spread
        var spread = PredictionSpread(pixels: golden.mean.count)
        for prediction in golden.predictions { spread.add(prediction) }
        let maps = try #require(spread.maps)
        #expect(maps.predictions == golden.predictions.count)
        for pixel in golden.mean.indices {
            #expect(isNear(Double(maps.mean[pixel]), golden.mean[pixel], 2e-7), "\(pixel)")
            #expect(isNear(Double(maps.entropy[pixel]), golden.entropy[pixel], 1e-10 + 2e-6 * golden.entropy[pixel]), "\(pixel)")
            #expect(isNear(Double(maps.expectedEntropy[pixel]), golden.expectedEntropy[pixel], 1e-10 + 2e-6 * golden.entropy[pixel]))
            #expect(isNear(Double(maps.mutualInformation[pixel]), golden.mutualInformation[pixel], 1e-9 + 3e-6 * golden.entropy[pixel]))
            #expect(isNear(Double(maps.variance[pixel]), golden.variance[pixel], 1e-18 + 1e-6 * golden.variance[pixel]), "\(pixel)")
        }
    }

    @Test func entropyIsAccurateNearItsEnds() {
        for exponent in stride(from: 0.0, through: 40, by: 0.37) {
            let p = Float(pow(10, -exponent) / 2), q = Double(p)
            guard p > Float.leastNormalMagnitude else { continue }
            let wanted = -q * log(q) - (1 - q) * log1p(-q)
            #expect(abs(Double(BinaryEntropy.nats(p)) - wanted) <= 2e-6 * wanted, "\(p)")
            #expect(BinaryEntropy.nats(1 - p) == BinaryEntropy.nats(1 - (1 - p)))
        }
        #expect(BinaryEntropy.nats(0) == 0 && BinaryEntropy.nats(1) == 0 && BinaryEntropy.nats(.nan) == 0 && BinaryEntropy.nats(-2) == 0)
        #expect(abs(BinaryEntropy.nats(0.5) - BinaryEntropy.maximum) < 1e-7)
        #expect(BinaryEntropy.normalised(BinaryEntropy.nats(of: [0, 0.5, 1])) == [0, 1, 0])
    }

    @Test func oneOrEqualPredictionsDoNotDiffer() throws {
        var spread = PredictionSpread(pixels: 3)
        #expect(spread.maps == nil)
        spread.add([0.1, 0.5, 0.9])
        let one = try #require(spread.maps)
        #expect(one.mutualInformation == [0, 0, 0] && one.variance == [0, 0, 0] && one.mean == [0.1, 0.5, 0.9])
        for _ in 0..<9 { spread.add([0.1, 0.5, 0.9]) }
        let ten = try #require(spread.maps)
        #expect(ten.variance == [0, 0, 0] && ten.mutualInformation.allSatisfy { $0 < 1e-6 })
        spread.reset()
        #expect(spread.maps == nil && spread.predictions == 0)
        spread.add([0, 0, 1])
        spread.add([1, 0, 1])
        let two = try #require(spread.maps)
        #expect(
            two.variance == [0.25, 0, 0] && abs(two.mutualInformation[0] - BinaryEntropy.maximum) < 1e-6 && two.expectedEntropy[0] == 0)
        #expect(UncertaintyMaps.mean(of: []) == nil && UncertaintyMaps.mean(of: [1, 2]) == 1.5)
    }
}
