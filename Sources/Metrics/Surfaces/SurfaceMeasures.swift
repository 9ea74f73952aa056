// Measures of the distances between the boundaries of two masks, as metrics of an image (docs/reference/metrics.md): in pixels, and in
// millimetres where the image's spacing is known.

/// The larger of the two directions' 95th percentiles. Undefined if only one mask has foreground.
public enum HausdorffDistance95: ImageMeasure {
    public static let column = "hd95", title = "HD95", unit = MetricUnit.pixels, isHeadline = true, needsMasks = true
    public static func value(of image: ScoredImage) -> Double? { image.surfaces?.hausdorff() }
}

/// The mean distance over the pixels of both boundaries. Undefined if only one mask has foreground.
public enum AverageSurfaceDistance: ImageMeasure {
    public static let column = "assd", title = "ASSD", unit = MetricUnit.pixels, isHeadline = true, needsMasks = true
    public static func value(of image: ScoredImage) -> Double? { image.surfaces?.averageSymmetric }
}

/// The normalised surface distance: the share of the boundaries' pixels that are within the tolerance of the other boundary.
public enum SurfaceDice: ImageMeasure {
    public static let column = "nsd", title = "NSD", unit = MetricUnit.share, isHeadline = true, needsMasks = true
    public static func value(of image: ScoredImage) -> Double? {
        image.surfaces?.normalisedSurfaceDistance(tolerance: image.tolerance)
    }
}

/// HD95 in millimetres.
public enum HausdorffDistance95InMillimetres: ImageMeasure {
    public static let column = "hd95_mm", title = "HD95", unit = MetricUnit.millimetres, isHeadline = true, needsMasks = true
    public static func value(of image: ScoredImage) -> Double? { image.physical?.surfaces.hausdorff() }
}

/// ASSD in millimetres.
public enum AverageSurfaceDistanceInMillimetres: ImageMeasure {
    public static let column = "assd_mm", title = "ASSD", unit = MetricUnit.millimetres, isHeadline = true, needsMasks = true
    public static func value(of image: ScoredImage) -> Double? { image.physical?.surfaces.averageSymmetric }
}

/// NSD with a tolerance in millimetres.
public enum SurfaceDiceInMillimetres: ImageMeasure {
    public static let column = "nsd_mm", title = "NSD", unit = MetricUnit.share, isHeadline = true, needsMasks = true
    public static func value(of image: ScoredImage) -> Double? {
        image.physical.map { $0.surfaces.normalisedSurfaceDistance(tolerance: $0.tolerance) }
    }
}
