// Class activation maps against pytorch-grad-cam on the PyTorch references, on the CPU and on the stand-in for a GPU; and the pieces that
// make them.
import EmulatedGPU
import Explaining
import Foundation
import GoldenSupport
import Imaging
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct ActivationTests {
    let golden: GoldenExplaining

    init() throws { golden = try #require(GoldenExplaining.shared) }

    @Test func everyGoldenValueIsRead() throws {
        #expect(try unreadKeys(of: try #require(GoldenExplaining.data), by: GoldenExplaining.self, besides: ["about"]) == [])
        #expect(Set(golden.networks.keys) == ["unet", "ua-vls"])
        for network in golden.networks.values {
            #expect(Set(network.maps.map(\.method)) == Set(ActivationMethod.allCases.map(\.rawValue)))
            #expect(Set(network.maps.map(\.target)) == ["mask", "point"])
        }
    }

    /// - Parameter taps: nil for all.
    private func check(_ name: String, _ backend: any Backend, taps only: Set<String>? = nil) throws {
        let gold = try #require(golden.networks[name]), height = gold.size[0], width = gold.size[1]
        let model = try smallNetwork(name, backend), input = smallInput(model, image: gold.image, height: height, width: width)
        let taps = Set(gold.maps.map(\.tap)).filter { only?.contains($0) ?? true }.sorted()
        // The mask of the file: where the logits are above their mean.
        let logits = try ActivationPass(model, input, taps: [], target: .prediction).logits
        let mean = logits.reduce(0) { $0 + Double($1) } / Double(logits.count)
        #expect(abs(mean - gold.logitMean) < 1e-4)
        let mask = Raster(width: width, height: height, channels: 1, pixels: logits.map { Double($0) > mean ? 1 : 0 })
        #expect(abs(mask.pixels.reduce(0) { $0 + Int($1) } - gold.area) <= 1)
        let targets: [(ExplanationTarget, String)] = [
            (.mask(mask), "mask"), (.point(column: gold.point[0], row: gold.point[1]), "point"),
        ]
        for (target, name) in targets {
            let pass = try ActivationPass(model, input, taps: taps, target: target)
            for map in gold.maps where map.target == name && taps.contains(map.tap) {
                let method = try #require(ActivationMethod(rawValue: map.method)), feature = try #require(pass.features[map.tap])
                let found = method.map(feature).scaled().resized(width: width, height: height).scaled()
                let places = GoldenFormula.sampleIndices("map", size: found.values.count, count: map.samples.count)
                let samples = places.map { Double(found.values[$0]) }
                let worst = zip(samples, map.samples).map { abs($0 - $1) }.max() ?? 1
                let average = found.values.reduce(0) { $0 + Double($1) } / Double(found.values.count)
                let alike = correlation(samples, map.samples)
                #expect(
                    worst <= 1e-3 && alike >= 0.999 && abs(average - map.mean) <= 1e-3,
                    "\(map.tap), \(map.method), \(map.target): \(worst), \(alike), mean \(average) for \(map.mean)")
            }
        }
    }

    @Test(arguments: ["unet", "ua-vls"]) func mapsEqualPytorchGradCAMs(name: String) throws { try check(name, try CPUBackend(threads: 2)) }

    @Test func mapsEqualThemOnTheStandInForAGPU() throws {
        try check("unet", try EmulatedGPU.backend(), taps: ["down4", "up1"])
    }

    @Test func everyNetworkListsItsFeatureMaps() throws {
        for (name, deepest, last) in [
            ("unet", "down4", "up1"), ("ua-vls", "decoder16.guide_layer", "decoder4"), ("ariadne", "decoder16.guide_layer", "decoder4"),
        ] {
            let model = try smallNetwork(name, try CPUBackend(threads: 2))
            let taps = FeatureTap.all(model, smallInput(model, image: "explain", height: 64, width: 64)), usual = FeatureTap.usual(taps)
            #expect(!taps.contains { $0.name == "image" || $0.name.hasSuffix("text_project") }, "\(taps)")
            #expect(usual.first?.name == deepest && usual.last?.name == last, "\(usual)")
            #expect(Set(usual.map(\.height)).count == usual.count)
            let compared = FeatureTap.compared(taps, imageSize: 64)
            #expect(compared?.name == (name == "unet" ? "up3" : "decoder4") && compared?.width == 16, "\(taps)")
        }
    }

    @Test func aTargetIsASetOfPixels() {
        let logits: [Float] = [-1, 2, 0.5, -3, -2, -1]
        #expect(ExplanationTarget.prediction.pixels(logits: logits, width: 3) == [1, 2])
        #expect(ExplanationTarget.prediction.pixels(logits: [-3, -1, -2], width: 3) == [1])
        #expect(ExplanationTarget.point(column: 2, row: 1).pixels(logits: logits, width: 3) == [5])
        #expect(ExplanationTarget.point(column: 3, row: 0).pixels(logits: logits, width: 3) == [])
        #expect(ExplanationTarget.point(column: 0, row: 2).pixels(logits: logits, width: 3) == [])
        let mask = Raster(width: 3, height: 2, channels: 1, pixels: [0, 0, 1, 0, 255, 0])
        #expect(ExplanationTarget.mask(mask).pixels(logits: logits, width: 3) == [2, 4])
    }

    @Test func mapsAreScaledAndResized() {
        let map = HeatMap(width: 2, height: 1, values: [-1, 3])
        #expect(map.scaled().values == [0, 1] && map.magnitude == 3)
        #expect(HeatMap(width: 2, height: 1, values: [4, 4]).scaled().values == [0, 0])
        #expect(map.resized(width: 4, height: 1).values == [-1, 0, 2, 3])
    }

    /// A linear layer's HiResCAM adds up to the target: the map is its exact share in the logit.
    @Test func hiResCAMOfALinearMapIsItsContribution() {
        let feature = FeatureMap(height: 1, width: 2, channels: 2, activations: [1, 2, 3, 4], gradients: [0.5, 1, -1, 0.25])
        #expect(ActivationMethod.hiResCAM.map(feature).values == [2.5, 0])
        #expect(ActivationMethod.gradCAM.map(feature).values == [Float(-0.25 + 2 * 0.625), Float(-0.75 + 4 * 0.625)])
    }
}
