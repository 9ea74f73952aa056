// Which exit code each library's errors have.
import CommandLineTool
import Segmenting
import Training

@Sendable func kindOfError(_ error: any Error) -> CommandError.Kind {
    let kind: TrainingError.Kind =
        switch error {
        case let error as SegmentingError: error.kind
        case let error as TrainingError: error.kind
        default: .environment
        }
    return switch kind {
    case .badSamples: .badSamples
    case .usage: .usage
    case .environment: .environment
    case .cancelled: .interrupted
    }
}
