// Which exit code each library's errors have.
import CommandLineTool
import Datasets
import Files
import Shards

@Sendable func kindOfError(_ error: any Error) -> CommandError.Kind {
    switch error {
    case let error as DatasetError:
        switch error.category {
        case .usage: .usage
        case .samples: .badSamples
        case .environment: .environment
        case .cancelled: .interrupted
        }
    case let error as ShardError:
        switch error.kind {
        case .usage: .usage
        case .data: .badSamples
        case .environment: .environment
        case .cancelled: .interrupted
        }
    case is Cancelled: .interrupted
    default: .environment
    }
}
