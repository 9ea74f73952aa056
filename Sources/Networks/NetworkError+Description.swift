// The texts of NetworkError: what was found, what was expected, what to do.

extension NetworkError {
    public var description: String {
        switch self {
        case .file(let error): "\(error)"
        case .weights(let error): "\(error)"
        case .configuration(let path, let reason): "\(path): \(reason)"
        case .incompleteFolder(let path, let found, let expected):
            "\(path): found \(found), expected \(expected); give the folder of a Hugging Face BERT or DistilBERT model (config.json, "
                + "vocab.txt, model.safetensors or pytorch_model.bin)"
        case .otherNetwork(let path, let network, let examples, let expected):
            "\(path): none of its tensors belongs to \(network); it holds "
                + "\(examples.isEmpty ? "no tensor" : examples.joined(separator: ", ") + " ..."),"
                + " looked for \(expected.joined(separator: ", ")) ..., under any prefix: is it a checkpoint of another model?"
        case .severalNetworks(let path, let network, let prefixes):
            "\(path): holds \(network) several times, under the prefixes \(prefixes.map { "\"\($0)\"" }.joined(separator: ", ")); save "
                + "one of them to a file of its own"
        case .otherImageEncoder(let path, let found, let expected):
            "\(path): this is \(found); \(expected)"
        case .incompleteImageEncoder(let path, let missing, let expected):
            "\(path): the image encoder's file lacks \(missing.count) of its tensors "
                + "(\(missing.prefix(6).joined(separator: ", "))\(missing.count > 6 ? ", ..." : "")); expected \(expected)"
        case .unservedTensors(let path, let names):
            "\(path): holds \(names.count) tensors within the encoder that no BERT has "
                + "(\(names.prefix(4).joined(separator: ", "))\(names.count > 4 ? ", ..." : "")),"
                + " such as adapters; they are not supported: merge or remove them, and save the model again"
        case .modelFolder(let failure): failure.description
        case .sameEntryTwice(let path, let name, let second):
            "\(path): tensor \(second) is a second value of \(name); expected only one: save the file again "
                + "without one of the two tensors"
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
