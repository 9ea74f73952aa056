// Weights and configurations that do not fit a network.
import Files
import WeightFiles

public enum NetworkError: Error, Sendable, CustomStringConvertible {
    case file(FileError)
    case weights(WeightFileError)
    /// config.json of a text encoder that cannot be used.
    case configuration(path: String, reason: String)
    /// A folder that lacks a file of a Hugging Face text encoder.
    case incompleteFolder(path: String, found: String, expected: String)
    /// A file none of whose tensors belongs to the network.
    case otherNetwork(path: String, network: String, examples: [String])
    /// Two tensors of a file that stand for one entry of the network, such as `bert.x` and `x`.
    case sameEntryTwice(path: String, name: String, second: String)
    /// A text encoder's weights of which some are missing or of another shape.
    case incompleteWeights(path: String, report: LoadReport)
    case unknownModel(name: String, known: [String])
    case unknownModelInFile(path: String, name: String, known: [String])
    case unknownModelOption(model: String, option: String, known: [String])
    case badModelOption(model: String, option: String, value: String, expected: String)

    public var description: String {
        switch self {
        case .file(let error): "\(error)"
        case .weights(let error): "\(error)"
        case .configuration(let path, let reason): "\(path): \(reason)"
        case .incompleteFolder(let path, let found, let expected):
            "\(path): found \(found), expected \(expected); give the folder of a Hugging Face BERT model (config.json, vocab.txt, model.safetensors or pytorch_model.bin)"
        case .otherNetwork(let path, let network, let examples):
            "\(path): none of its tensors belongs to \(network); it holds \(examples.joined(separator: ", ")) ...: is it a checkpoint of another model?"
        case .sameEntryTwice(let path, let name, let second):
            "\(path): tensor \(second) stands for \(name), which the file has given before; expected one of them: save the file again without the other"
        case .incompleteWeights(let path, let report): "\(path): \(report)"
        case .unknownModel(let name, let known):
            "model \"\(name)\" is not one of \(known.joined(separator: ", ")); `train models` describes them"
        case .unknownModelInFile(let path, let name, let known):
            "\(path) is of the model \"\(name)\", which this version does not have; it has \(known.joined(separator: ", "))"
        case .unknownModelOption(let model, let option, let known):
            "\(model) has no option \"\(option)\"; it has \(known.isEmpty ? "none" : known.joined(separator: ", "))"
        case .badModelOption(let model, let option, let value, let expected):
            "\(model)'s option \(option) is \"\(value)\", expected \(expected)"
        }
    }
}

/// What became of the tensors of a file and of the entries of a network.
public struct LoadReport: Sendable, Equatable, CustomStringConvertible {
    public struct Misshaped: Sendable, Equatable {
        public let name: String
        public let found: [Int], expected: [Int]
    }
    /// Entries that took their value from the file.
    public internal(set) var loaded: [String] = []
    /// Entries the file has no value for; they keep what they had.
    public internal(set) var missing: [String] = []
    /// Tensors of the file that the network has no place for.
    public internal(set) var extra: [String] = []
    public internal(set) var misshaped: [Misshaped] = []

    public var isComplete: Bool { missing.isEmpty && misshaped.isEmpty }

    public var description: String {
        func list(_ names: [String]) -> String {
            names.prefix(6).joined(separator: ", ") + (names.count > 6 ? ", and \(names.count - 6) more" : "")
        }
        var parts = ["\(loaded.count) tensors loaded"]
        if !missing.isEmpty { parts.append("\(missing.count) missing (\(list(missing)))") }
        if !misshaped.isEmpty {
            parts.append("\(misshaped.count) of another shape (\(list(misshaped.map { "\($0.name) \($0.found), expected \($0.expected)" })))")
        }
        if !extra.isEmpty { parts.append("\(extra.count) not used (\(list(extra)))") }
        return parts.joined(separator: "; ")
    }
}
