// Which exit code each library's errors have.
import CommandLineTool
import Datasets
import Downloads
import Exporting
import Files
import RemoteShards
import Shards
import Statistics
import Text

@Sendable func kindOfError(_ error: any Error) -> CommandError.Kind {
    switch error {
    case let error as DatasetError: error.category.kind
    case let error as ShardError: error.kind.kind
    case let error as StatisticsError:
        switch error {
        case .dataset(let error): error.category.kind
        case .shards(let error): error.kind.kind
        case .sampleChanged: .badSamples
        case .nothingThere: .usage
        case .drawing, .noMemory: .environment
        case .cancelled: .interrupted
        }
    case let error as ExportError: error.kind.kind
    case let error as RemoteShardsError: error.kind.kind
    case let error as DownloadError: error.kind.kind
    case is TextError: .usage
    case is Cancelled: .interrupted
    default: .environment
    }
}

extension DatasetError.Category {
    var kind: CommandError.Kind {
        switch self {
        case .usage: .usage
        case .samples: .badSamples
        case .environment: .environment
        case .cancelled: .interrupted
        }
    }
}

extension ExportError.Kind {
    var kind: CommandError.Kind {
        switch self {
        case .data: .badSamples
        case .usage: .usage
        case .environment: .environment
        case .cancelled: .interrupted
        }
    }
}

extension DownloadError.Kind {
    var kind: CommandError.Kind {
        switch self {
        case .data: .badSamples
        case .usage: .usage
        case .environment: .environment
        case .cancelled: .interrupted
        }
    }
}

extension ShardError.Kind {
    var kind: CommandError.Kind {
        switch self {
        case .data: .badSamples
        case .usage: .usage
        case .environment: .environment
        case .cancelled: .interrupted
        }
    }
}
