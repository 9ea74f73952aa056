// The measures of a dataset: per split and in all, and what its splits share.
import Datasets

public struct DatasetStatistics: Codable, Sendable, Equatable {
    public enum Source: String, Codable, Sendable { case manifest, shards }

    public let name: String
    public let source: Source
    /// The manifest's file or the shards' folder.
    public let path: String
    public let train: PartStatistics, val: PartStatistics, test: PartStatistics, all: PartStatistics
    /// Nil where it was not asked for.
    public let leakage: Leakage?

    public init(name: String, source: Source, path: String, measures: [SampleMeasure], leakage: Leakage? = nil) {
        func part(_ split: Split) -> PartStatistics { PartStatistics(measures.filter { $0.split == split }) }
        self.name = name
        self.source = source
        self.path = path
        self.leakage = leakage
        train = part(.train)
        val = part(.val)
        test = part(.test)
        all = PartStatistics(measures)
    }
}
