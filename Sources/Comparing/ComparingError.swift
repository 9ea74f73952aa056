// Errors of a comparison besides those of its evaluations. The texts are in ComparingError+Description.swift.
import Explaining
import Files
import Segmenting
import Tables

public enum ComparingError: UserFacingError {
    case segmenting(SegmentingError)
    case explaining(ExplainingError)
    case table(TableError)
    case file(FileError)
    /// A folder that is not a run's; `hint` names what lies near it, or in it.
    case notARun(path: String, hint: String)
    /// A run that has written no best checkpoint yet.
    case noCheckpoint(run: String)
    /// `label` is the argument or option.
    case givenTwice(label: String, path: String)
    /// A file that `segment evaluate --json` did not write.
    case notAnEvaluation(path: String)
    /// An evaluation of other images than the first one's.
    case otherEvaluation(path: String, first: String, difference: String)
    /// Runs that were trained on other shards than those of the comparison.
    case otherShards(shards: String, runs: [(run: String, splits: [String], trainedOn: String)])
    /// A column of published figures that is not in the list.
    case unknownColumn(path: String, column: String, known: [String])
    case columnMissing(path: String, column: String, found: [String])
    case columnTwice(path: String, column: String)
    case badValue(path: String, line: Int, column: String, found: String, expected: String)
    case noPublishedRows(path: String)
    /// A file with figures of several data sets, of which none was chosen, or one that it does not have.
    case datasetNotChosen(path: String, given: String?, found: [String])
    case drawing(reason: String)

    public var kind: FailureKind {
        switch self {
        case .segmenting(let error): error.kind
        case .explaining(let error): error.kind
        case .table(let error): error.kind
        case .file(let error): error.kind
        case .drawing: .environment
        default: .usage
        }
    }
}
