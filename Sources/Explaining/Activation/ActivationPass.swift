// One pass through a network that keeps feature maps and their gradients. Works with every network and on every device: it uses the taps
// of the tape (Taps.swift) and nothing of a network's type.
// Shape letters: H W rows and columns, C channels.
import Networks
import Tensors

/// A named feature map of a network, at the size that an input gives it.
public struct FeatureTap: Sendable, Equatable {
    public let name: String
    public let height: Int, width: Int, channels: Int
}

public struct ActivationPass {
    /// [H,W] of the input.
    public let logits: [Float]
    public let height: Int, width: Int
    /// By the name of the tap.
    public let features: [String: FeatureMap]
    /// Other activations that were asked for, by the name of the tap.
    public let values: [String: (shape: [Int], values: [Float])]

    /// - Parameters:
    ///   - input: one image.
    ///   - taps: names of feature maps, from `FeatureTap.all`.
    ///   - keeping: names of taps whose values alone are kept.
    /// - Throws: `.device` if the device failed.
    public init(
        _ network: any SegmentationModel, _ input: ModelInput, taps: [String], target: ExplanationTarget, keeping: Set<String> = []
    ) throws(ExplainingError) {
        let backend = network.backend, asked = Set(taps)
        let tape = network.tape(.explanation, taps: TapRequest(values: asked.union(keeping), gradients: asked))
        let output = network(input, tape).logits
        (height, width) = (output.shape[1], output.shape[2])
        logits = backend.values(output)
        let pixels = target.pixels(logits: logits, width: width)
        if !pixels.isEmpty, !asked.isEmpty {
            var start = [Float](repeating: 0, count: logits.count)
            for pixel in pixels { start[pixel] = 1 / Float(pixels.count) }
            tape.start(backend.tensor(start, output.shape), at: output)
            tape.backward()
        } else {
            tape.discard()
        }
        var features: [String: FeatureMap] = [:], values: [String: (shape: [Int], values: [Float])] = [:]
        for name in taps {
            guard let activation = tape.tapped[name], activation.shape.count == 4 else { continue }
            let shape = activation.shape
            // Without a target no gradient was made, nor for a feature map that the logits do not depend on.
            let gradients = tape.tapGradients[name].map { backend.values($0) } ?? [Float](repeating: 0, count: activation.count)
            features[name] = FeatureMap(
                height: shape[1], width: shape[2], channels: shape[3], activations: backend.values(activation), gradients: gradients)
        }
        for name in keeping { values[name] = tape.tapped[name].map { ($0.shape, backend.values($0)) } }
        do throws(BackendError) { try backend.check() } catch { throw .device(error) }
        self.features = features
        self.values = values
    }
}

extension FeatureTap {
    /// The feature maps of a network, in the order of the pass.
    /// - Parameter input: any one image; its size decides theirs.
    public static func all(_ network: any SegmentationModel, _ input: ModelInput) -> [FeatureTap] {
        let names = network.tape(.inference)
        _ = network(input, names)
        let tape = network.tape(.inference, taps: TapRequest(values: Set(names.tapNames)))
        _ = network(input, tape)
        return names.tapNames.compactMap { name in
            guard name != "image", let shape = tape.tapped[name]?.shape, shape.count == 4 else { return nil }
            return FeatureTap(name: name, height: shape[1], width: shape[2], channels: shape[3])
        }
    }

    /// The last feature map of each size: from what the network takes the whole image for to its last details.
    public static func usual(_ taps: [FeatureTap]) -> [FeatureTap] {
        var last: [Int: Int] = [:]
        for (index, tap) in taps.enumerated() { last[tap.height * tap.width] = index }
        return last.values.sorted().map { taps[$0] }
    }

    /// The feature map at which networks are compared: the last one at a quarter of the image's height, so that the maps of all networks
    /// are equally fine. It is the end of the last decoder stage, except in U-Net, whose decoder goes on to the full size. The last of all
    /// where none has that size.
    public static func compared(_ taps: [FeatureTap], imageSize: Int) -> FeatureTap? {
        taps.last { $0.height == imageSize / 4 } ?? taps.last
    }
}
