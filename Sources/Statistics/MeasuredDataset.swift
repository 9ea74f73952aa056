// A dataset's statistics with their source: the measures of every sample, and access to its pictures. For reports.
import Datasets
import Files
import Imaging
import Shards

public struct MeasuredDataset: Sendable {
    public let statistics: DatasetStatistics
    /// In the order of the source.
    public let measures: [SampleMeasure]
    public let pictures: SamplePictures

    init(
        name: String, source: DatasetStatistics.Source, path: String, measured: [(measure: SampleMeasure, item: Leakage.Item)],
        distance: Int,
        pictures: SamplePictures
    ) {
        measures = measured.map(\.measure)
        self.pictures = pictures
        statistics = DatasetStatistics(
            name: name, source: source, path: path, measures: measures, leakage: Leakage(measured.map(\.item), distance: distance))
    }
}

/// Reads a sample's image and mask again.
public struct SamplePictures: Sendable {
    /// Reads image (1 or 3 channels) and mask (one channel of 0 and 1) of the sample at an index of `MeasuredDataset.measures`.
    let read: @Sendable (Int) throws(StatisticsError) -> (image: Raster, mask: Raster)

    public subscript(index: Int) -> (image: Raster, mask: Raster) {
        get throws(StatisticsError) { try read(index) }
    }
}
