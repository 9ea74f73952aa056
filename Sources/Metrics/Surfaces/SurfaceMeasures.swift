// Measures of the distances between the boundaries of two masks, as metrics of an image (docs/reference/metrics.md).

/// The larger of the two directions' 95th percentiles. Undefined if only one mask has foreground.
public enum HausdorffDistance95: ImageMeasure {
    public static let column = "hd95", title = "HD95", unit = MetricUnit.distance, isHeadline = true, needsMasks = true
    public static func value(of image: ScoredImage) -> Double? { image.surfaces?.hausdorff() }
}

/// The mean distance over the pixels of both boundaries. Undefined if only one mask has foreground.
public enum AverageSurfaceDistance: ImageMeasure {
    public static let column = "assd", title = "ASSD", unit = MetricUnit.distance, isHeadline = true, needsMasks = true
    public static func value(of image: ScoredImage) -> Double? { image.surfaces?.averageSymmetric }
}

/// The normalised surface distance: the share of the boundaries' pixels that are within the tolerance of the other boundary.
public enum SurfaceDice: ImageMeasure {
    public static let column = "nsd", title = "NSD", unit = MetricUnit.share, isHeadline = true, needsMasks = true
    public static func value(of image: ScoredImage) -> Double? {
        image.surfaces?.normalisedSurfaceDistance(tolerance: image.tolerance)
    }
}
