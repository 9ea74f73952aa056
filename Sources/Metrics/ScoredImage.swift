// The prediction for one image beside its true mask, as metrics see it: counts, and what is computed from the masks where they are known.

public struct ScoredImage: Sendable {
    public let counts: PixelCounts
    /// Nil if only the counts are known.
    public let surfaces: SurfaceDistances?
    public let lesions: LesionOverlaps?
    /// The tolerance of the normalised surface distance, in the unit of the spacing.
    public let tolerance: Double

    /// The counts alone, as a device returns them.
    public init(counts: PixelCounts) {
        self.counts = counts
        surfaces = nil
        lesions = nil
        tolerance = 0
    }

    /// Two masks of one size, as rows of a given width; any value except 0 is foreground.
    public init(prediction: [UInt8], truth: [UInt8], width: Int, tolerance: Double) {
        self.init(
            MaskPair(sameSize: BinaryMask(values: truth, width: width), BinaryMask(values: prediction, width: width)), tolerance: tolerance)
    }

    public init(_ masks: MaskPair, spacing: Spacing = .pixels, tolerance: Double) {
        counts = .comparing(prediction: masks.prediction.pixels, truth: masks.truth.pixels)
        surfaces = SurfaceDistances(masks, spacing: spacing)
        lesions = LesionOverlaps(masks)
        self.tolerance = tolerance
    }
}
