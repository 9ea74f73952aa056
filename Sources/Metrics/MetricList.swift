// The only list of metrics: metrics.csv, JSON reports, tables and the progress display use it.

public enum MetricList {
    /// In display order.
    public static let all: [any Metric.Type] = [
        OverPixels<Dice>.self, OverPixels<IntersectionOverUnion>.self, OverPixels<Accuracy>.self,
        OverPixels<Sensitivity>.self, OverPixels<Precision>.self, OverPixels<Specificity>.self, OverPixels<MeanIntersectionOverUnion>.self,
        MeanOfImages<Dice>.self, MeanOfImages<IntersectionOverUnion>.self, MeanOfImages<Accuracy>.self,
        MeanOfImages<Sensitivity>.self, MeanOfImages<Precision>.self, MeanOfImages<Specificity>.self,
        MeanOfImages<MeanIntersectionOverUnion>.self,
        MeanOfImages<HausdorffDistance95>.self, MeanOfImages<AverageSurfaceDistance>.self, MeanOfImages<SurfaceDice>.self,
        MeanOfImages<HausdorffDistance95InMillimetres>.self, MeanOfImages<AverageSurfaceDistanceInMillimetres>.self,
        MeanOfImages<SurfaceDiceInMillimetres>.self,
        OverLesions<LesionSensitivity, AtTenPercent>.self, OverLesions<LesionPrecision, AtTenPercent>.self,
        OverLesions<LesionF1, AtTenPercent>.self, OverLesions<LesionSensitivity, AtHalf>.self, OverLesions<LesionPrecision, AtHalf>.self,
        OverLesions<LesionF1, AtHalf>.self,
    ]

    /// Those that need only counts of pixels.
    public static let ofCounts = all.filter { !$0.needsMasks }

    /// The measures of one image, whose means are in the list.
    public static let ofImage: [any ImageMeasure.Type] = all.compactMap { $0.ofImage }
}
