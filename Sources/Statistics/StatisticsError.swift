// What can keep statistics from being made. Texts are below, there being few.
import Datasets
import Files
import Shards

public enum StatisticsError: Error, Sendable {
    case dataset(DatasetError)
    case shards(ShardError)
    /// A sample that was good when it was ingested no longer is.
    case sampleChanged(path: String, reason: String)
    /// The path holds neither manifests nor shards.
    case nothingThere(path: String, looked: [String])
    /// A picture of a report could not be made.
    case drawing(String)
    case noMemory(what: String)
    case cancelled
}

extension StatisticsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .dataset(let error): error.description
        case .shards(let error): "\(error)"
        case .sampleChanged(let path, let reason): "\(path): \(reason); it was good when it was ingested: run prep ingest again"
        case .nothingThere(let path, let looked): "\(path): nothing to measure; looked for \(looked.joined(separator: ", "))" + (ShardAdvice.hint(for: path).map { "; \($0)" } ?? "")
        case .drawing(let reason): "a picture for the report could not be encoded: \(reason)"
        case .noMemory(let what): "no memory for \(what)"
        case .cancelled: "stopped on request"
        }
    }
}
