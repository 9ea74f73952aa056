// Every way in which shards can be unwritable, unreadable, damaged or foreign. Texts: ShardError+Description.swift.
import Files

/// One bad sample, or a bad shard if `sample` is nil.
public struct ShardProblem: Error, Sendable, Equatable, CustomStringConvertible {
    public let path: String
    public let sample: String?
    public let reason: String

    public init(path: String, sample: String? = nil, reason: String) {
        self.path = path
        self.sample = sample
        self.reason = reason
    }

    public var description: String {
        if let sample { "\(path): sample \(sample): \(reason)" } else { "\(path): \(reason)" }
    }
}

public enum ShardError: UserFacingError, Equatable {
    case file(FileError)
    /// No index.json in the folder.
    case notAShardFolder(path: String)
    /// index.json does not follow MDS version 2.
    case malformedIndex(path: String, reason: String)
    /// Written by another version of the format.
    case foreignVersion(path: String, found: String, expected: String)
    /// The shards hold other columns than a training set of this project.
    case missingColumn(path: String, column: String, found: String, expected: String)
    case unsupportedCompression(path: String, found: String)
    /// A shard file that differs from its entry in the index.
    case damaged(ShardProblem)
    /// Samples that could not be written; every one of them is listed.
    case badSamples(dataset: String, problems: [ShardProblem])
    /// A sample whose shard would pass the 4 GiB that MDS offsets can address.
    case tooLarge(what: String, bytes: Int)
    /// The output folder holds an index.json that this program did not write.
    case notOurs(path: String)
    /// The folder holds shards of other settings, and `--overwrite` is not given.
    case otherSettings(ShardReplacement)
    /// A file at an output path that this program did not write.
    case foreignFile(path: String)
    case manifest(path: String, reason: String)
    case vocabulary(reason: String)
    case invalidOption(String)
    /// Stopped by Ctrl-C or the caller; what was finished is kept and used by the next run.
    case cancelled

    public var kind: FailureKind {
        switch self {
        case .file(let error): error.kind
        case .damaged, .badSamples: .data
        case .cancelled: .cancelled
        case .notAShardFolder, .malformedIndex, .foreignVersion, .missingColumn, .unsupportedCompression, .tooLarge, .notOurs,
            .otherSettings, .foreignFile,
            .manifest, .vocabulary, .invalidOption:
            .usage
        }
    }
}

/// Runs file work and turns its error into a ShardError.
func fromFiles<Value>(_ body: () throws(FileError) -> Value) throws(ShardError) -> Value {
    do throws(FileError) { return try body() } catch { throw .file(error) }
}
