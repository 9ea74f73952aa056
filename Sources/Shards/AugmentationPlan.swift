// The changes of one sample in one epoch: drawn from (seed, epoch, sample) alone, then applied to its pixels.
// The order is zoom, flips, rotation, contrast and brightness. Probabilities and ranges are here and in docs/guide/augmentation.md.
// Invariant: the caption stays true. A flip needs a rewritten caption (MirroredCaptions), or it is left out. A rotation is small compared
// with the ninths of the image that captions name. Contrast and brightness change all channels alike, so that a colour keeps its name.
import Imaging
import Randomness
import Text

public struct AugmentationPlan: Sendable, Equatable {
    static let horizontalProbability = 0.5
    static let verticalProbability = 0.25
    static let rotationProbability = 0.3
    static let contrastProbability = 0.3
    static let brightnessProbability = 0.3
    /// Degrees, to either side.
    static let largestRotation = 10.0
    static let contrastRange = 0.9...1.1
    static let brightnessRange = 0.9...1.1

    public var zoom: Double?
    public var mirroring = Mirroring(horizontal: false, vertical: false)
    /// Degrees, anticlockwise on the screen.
    public var rotation: Double?
    /// Factor of the distance from the image's mean.
    public var contrast: Double?
    /// Factor of all values.
    public var brightness: Double?

    /// - Parameter allows: whether the sample's caption can be rewritten for a flip; called only for flips that were drawn.
    init(
        _ augmentation: Augmentation, seed: UInt64, epoch: Int, sample: Int, allows: (Mirroring) -> Bool
    ) {
        zoom = augmentation.zoomFactor(seed: seed, epoch: epoch, sample: sample)
        guard augmentation == .full else { return }
        var random = SplitMix64(keys: seed, UInt64(epoch), UInt64(sample), 3)
        // Always the same number of draws, in the same order, so that no decision shifts the later ones.
        let horizontal = random.unit() < Self.horizontalProbability
        let vertical = random.unit() < Self.verticalProbability
        func drawn(_ probability: Double, _ range: ClosedRange<Double>) -> Double? {
            let happens = random.unit() < probability
            let value = range.lowerBound + random.unit() * (range.upperBound - range.lowerBound)
            return happens ? value : nil
        }
        rotation = drawn(Self.rotationProbability, -Self.largestRotation...Self.largestRotation)
        contrast = drawn(Self.contrastProbability, Self.contrastRange)
        brightness = drawn(Self.brightnessProbability, Self.brightnessRange)
        let wanted = [
            Mirroring(horizontal: horizontal, vertical: vertical), Mirroring(horizontal: horizontal, vertical: false),
            Mirroring(horizontal: false, vertical: vertical),
        ]
        mirroring = wanted.first { $0.changesAnything && allows($0) } ?? mirroring
    }

    /// Applies the changes to an image uint8 [H,W,C] and its mask uint8 [H,W], in place.
    func apply(_ image: UnsafeMutableBufferPointer<UInt8>, _ mask: UnsafeMutableBufferPointer<UInt8>, width: Int, height: Int) {
        if let zoom { Augmentation.zoom(image, mask, width: width, height: height, by: zoom) }
        let pixels = PixelChanges(image: image, mask: mask, width: width, height: height)
        pixels.mirror(mirroring)
        if let rotation { pixels.rotate(degrees: rotation) }
        if contrast != nil || brightness != nil { pixels.scale(contrast: contrast ?? 1, brightness: brightness ?? 1) }
    }

    /// The changes as text, such as "mirrored, turned by 5 degrees"; empty if there are none.
    public var description: String {
        func percent(_ factor: Double) -> String { "\(Int((factor * 100).rounded())) %" }
        let parts: [String?] = [
            zoom.map { "zoom \(percent($0))" },
            mirroring.horizontal ? "left-right" : nil,
            mirroring.vertical ? "top-bottom" : nil,
            rotation.map { "turned \(Int($0.rounded()))" },
            contrast.map { "contrast \(percent($0))" },
            brightness.map { "light \(percent($0))" },
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }
}

extension Mirroring {
    var changesAnything: Bool { horizontal || vertical }
}
