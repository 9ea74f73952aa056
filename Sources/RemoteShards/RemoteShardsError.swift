// What ends a mirroring: a transfer, or an index that is not one.
import Downloads
import Shards

public enum RemoteShardsError: Error, Sendable, CustomStringConvertible {
    case download(DownloadError)
    case shards(ShardError)

    public var kind: DownloadError.Kind {
        switch self {
        case .download(let error): error.kind
        case .shards(let error):
            switch error.kind {
            case .data: .data
            case .usage: .usage
            case .environment: .environment
            case .cancelled: .cancelled
            }
        }
    }

    public var description: String {
        switch self {
        case .download(let error): error.description
        case .shards(let error): error.description
        }
    }
}
