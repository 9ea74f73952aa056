// The statistics of a dataset: per split and overall, what its splits share, and which samples to look at first.
import Datasets

public struct DatasetStatistics: Codable, Sendable, Equatable {
    public enum Source: String, Codable, Sendable { case manifest, shards }

    public let name: String
    public let source: Source
    /// The manifest's file or the shards' folder.
    public let path: String
    public let train: PartStatistics, val: PartStatistics, test: PartStatistics, all: PartStatistics
    /// The reading of left and right in the captions.
    public let sides: SideConvention
    /// Samples with a concern, the most suspicious first.
    public let suspicious: [SuspiciousSample]
    /// Nil if leakage was not requested.
    public let leakage: Leakage?

    public init(name: String, source: Source, path: String, measures: [SampleMeasure], leakage: Leakage? = nil) {
        let sides = SideConvention(measures)
        func part(_ split: Split) -> PartStatistics { PartStatistics(measures.filter { $0.split == split }, reading: sides.reading) }
        self.name = name
        self.source = source
        self.path = path
        self.sides = sides
        self.leakage = leakage
        train = part(.train)
        val = part(.val)
        test = part(.test)
        all = PartStatistics(measures, reading: sides.reading)
        suspicious = SuspiciousSample.ranked(measures, reading: sides.reading, twins: leakage?.twins ?? [:])
    }

    /// Whether there are captions to measure.
    public var hasCaptions: Bool { all.captions.words != nil || all.samples == 0 }

    public func part(_ split: Split) -> PartStatistics {
        switch split {
        case .train: train
        case .val: val
        case .test: test
        }
    }
}
