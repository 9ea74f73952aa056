// Weights and configurations that do not fit a network. The texts are in NetworkError+Description.swift.
import Files
import WeightFiles

public enum NetworkError: UserFacingError {
    case file(FileError)
    case weights(WeightFileError)
    /// config.json of a text encoder that cannot be used.
    case configuration(path: String, reason: String)
    /// A folder that lacks a file of a Hugging Face text encoder.
    case incompleteFolder(path: String, found: String, expected: String)
    /// A file without a tensor of the network, under any prefix; with some of its names, and some of the expected names.
    case otherNetwork(path: String, network: String, examples: [String], expected: [String])
    /// A file that holds the network's names under several prefixes, so that the right one is unknown.
    case severalNetworks(path: String, network: String, prefixes: [String])
    /// An image encoder of another kind or size.
    case otherImageEncoder(path: String, found: String, expected: String)
    /// An image encoder's file that lacks some of its tensors.
    case incompleteImageEncoder(path: String, missing: [String], expected: String)
    /// Tensors within a text encoder's layers that BERT does not have: the output would not be BERT's.
    case unservedTensors(path: String, names: [String])
    /// The path is not a model's folder, but the error knows which path to give instead.
    case modelFolder(ModelFolder.Failure)
    /// Two tensors of a file that belong to the same entry of the network, such as `bert.x` and `x`.
    case sameEntryTwice(path: String, name: String, second: String)
    /// A text encoder's weights of which some are missing or of another shape.
    case incompleteWeights(path: String, report: LoadReport)
    case unknownModel(name: String, known: [String])
    case unknownModelInFile(path: String, name: String, known: [String])
    case unknownModelOption(model: String, option: String, known: [String])
    case badModelOption(model: String, option: String, value: String, expected: String)

    public var kind: FailureKind {
        switch self {
        case .file(let error): error.kind
        case .weights(let error): error.kind
        default: .usage
        }
    }
}
