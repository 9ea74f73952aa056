// Which exit code each library's errors have.
import CommandLineTool
import Downloads
import Files
import RemoteShards
import Tensors
import Training

@Sendable func kindOfError(_ error: any Error) -> CommandError.Kind {
    switch error {
    case let error as TrainingError:
        switch error.kind {
        case .badSamples: .badSamples
        case .usage: .usage
        case .environment: .environment
        case .cancelled: .interrupted
        }
    case let error as RemoteShardsError: kind(error.kind)
    case let error as DownloadError: kind(error.kind)
    default: .environment
    }
}

private func kind(_ kind: DownloadError.Kind) -> CommandError.Kind {
    switch kind {
    case .data: .badSamples
    case .usage: .usage
    case .environment: .environment
    case .cancelled: .interrupted
    }
}
