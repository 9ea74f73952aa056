// What ends a mirroring: a transfer, or an index that is not one. The words are those of the error inside.
import Downloads
import Files
import Shards

public enum RemoteShardsError: UserFacingError {
    case download(DownloadError)
    case shards(ShardError)

    private var cause: any UserFacingError {
        switch self {
        case .download(let error): error
        case .shards(let error): error
        }
    }

    public var kind: FailureKind { cause.kind }
    public var description: String { cause.description }
}
