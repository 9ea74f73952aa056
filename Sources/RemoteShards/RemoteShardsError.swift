// Errors that end a mirroring: a failed transfer, or an invalid index. The text is that of the wrapped error.
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
