// Which exit code each library's errors have.
import CommandLineTool
import Files
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
    default: .environment
    }
}
