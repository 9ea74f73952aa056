// Initial values are a function of (seed, name, index in file order), whatever the layout in memory and however many are made at a time.
import Foundation
import Networks
import Randomness
import Tensors
import Testing

@Suite struct InitialisationTests {
    /// Number `index` of a parameter's stream, uniform in [0, 1): written out here once more, since checkpoints and published runs depend
    /// on it.
    private func unit(_ name: String, seed: UInt64, _ index: Int) -> Double {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let state = SplitMix64.hash(hash ^ SplitMix64.hash(seed)) &+ 0x9E37_79B9_7F4A_7C15 &* UInt64(index + 1)
        return Double(SplitMix64.hash(state) >> 11) * 0x1p-53
    }

    @Test(arguments: [NumberFormat.float32, .bfloat16]) func valuesFollowFromSeedNameAndIndex(activations: NumberFormat) throws {
        let seed: UInt64 = 7
        let model = UAVLS(ModelSetup(backend: try CPUBackend(threads: 2), activations: activations, seed: seed, trains: false))
        var layouts: Set<String> = []
        for info in model.parameters.entries where info.count > 1 << 18 {
            let values = try #require(model.parameters.value(info.name))
            #expect(values.count == info.count)
            // The published rules: uniform within the square root of the inverse fan, normal with deviation 0.02 in the image encoder; the
            // head has its own.
            let picked = [0, 1, info.count / 3, info.count / 2 | 1, (1 << 18) - 1, 1 << 18, info.count - 1]
            switch info.layout {
            case .convolution
            where info.fileShape.count == 4 && info.fileShape[3] == 3 && !info.name.hasPrefix("encoder.")
                && !info.name.hasPrefix("decoder1."):
                let bound = 1 / Float(info.fileShape[1] * 9).squareRoot()
                for index in picked {
                    #expect(values[index] == bound * (2 * Float(unit(info.name, seed: seed, index)) - 1), "\(info.name)[\(index)]")
                }
                layouts.insert("convolution")
            case .plain where info.name.hasPrefix("encoder.model.encoder.stages"):
                for index in picked {
                    // Pairs by Box and Muller: the cosine first.
                    let even = index / 2 * 2
                    let radius = (-2 * log(1 - unit(info.name, seed: seed, even))).squareRoot(),
                        angle = 2 * Double.pi * unit(info.name, seed: seed, even + 1)
                    #expect(values[index] == 0.02 * Float(radius * (index == even ? cos(angle) : sin(angle))), "\(info.name)[\(index)]")
                }
                layouts.insert("plain")
            default: break
            }
            if let half = try #require(model.parameters.tensor(info.name)).bfloat16Copy {
                let wide = model.parameters.backend.empty(half.shape)
                model.parameters.backend.convert(half, into: wide)
                let halves = info.layout == .plain ? model.parameters.backend.values(wide) : []
                #expect(zip(halves, values).allSatisfy { abs($0 - $1) <= abs($1) / 256 }, "\(info.name) in bf16")
            }
        }
        #expect(layouts == ["convolution", "plain"])
    }
}
