// Errors that prevent statistics. The texts are in StatisticsError+Description.swift.
import Datasets
import Files
import Shards

public enum StatisticsError: UserFacingError {
    case dataset(DatasetError)
    case shards(ShardError)
    /// A sample that was good when it was ingested has changed.
    case sampleChanged(path: String, reason: String)
    /// The path holds neither manifests nor shards.
    case nothingThere(path: String, looked: [String])
    /// A picture for a report could not be drawn.
    case drawing(String)
    case noMemory(what: String)
    case cancelled

    public var kind: FailureKind {
        switch self {
        case .dataset(let error): error.kind
        case .shards(let error): error.kind
        case .sampleChanged: .data
        case .nothingThere: .usage
        case .drawing, .noMemory: .environment
        case .cancelled: .cancelled
        }
    }
}
