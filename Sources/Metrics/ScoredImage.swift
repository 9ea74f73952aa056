// The prediction for one image beside its true mask, as metrics see it: counts, and what is computed from the masks where they are known.

public struct ScoredImage: Sendable {
    /// What distances in millimetres need.
    public struct Millimetres: Sendable {
        /// Millimetres a pixel of the masks.
        public let spacing: Spacing
        /// The tolerance of the normalised surface distance.
        public let tolerance: Double

        public init(spacing: Spacing, tolerance: Double) { (self.spacing, self.tolerance) = (spacing, tolerance) }
    }

    public let counts: PixelCounts
    /// In pixels; nil if only the counts are known.
    public let surfaces: SurfaceDistances?
    public let lesions: LesionOverlaps?
    /// The tolerance of the normalised surface distance, in pixels.
    public let tolerance: Double
    /// In millimetres; nil where the spacing is not known.
    public let physical: (surfaces: SurfaceDistances, tolerance: Double)?

    /// The counts alone, as a device returns them.
    public init(counts: PixelCounts) {
        self.counts = counts
        surfaces = nil
        lesions = nil
        tolerance = 0
        physical = nil
    }

    /// Two masks of one size, as rows of a given width; any value except 0 is foreground.
    public init(prediction: [UInt8], truth: [UInt8], width: Int, tolerance: Double, millimetres: Millimetres? = nil) {
        self.init(
            MaskPair(sameSize: BinaryMask(values: truth, width: width), BinaryMask(values: prediction, width: width)),
            tolerance: tolerance, millimetres: millimetres)
    }

    /// - Parameters:
    ///   - tolerance: of the normalised surface distance, in pixels.
    ///   - millimetres: nil where the spacing is not known.
    public init(_ masks: MaskPair, tolerance: Double, millimetres: Millimetres? = nil) {
        counts = .comparing(prediction: masks.prediction.pixels, truth: masks.truth.pixels)
        surfaces = SurfaceDistances(masks)
        lesions = LesionOverlaps(masks)
        self.tolerance = tolerance
        physical = millimetres.map { (SurfaceDistances(masks, spacing: $0.spacing), $0.tolerance) }
    }
}
