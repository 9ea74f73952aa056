// --model, --model-option and --dropout: the choice of the network and its options.
import CommandLineTool
import Networks
import Training

public enum ModelChoice {
    public static let names = ModelZoo.names
    public static let model = Option.choice("model", names, default: ModelZoo.standard.name, "the network; `train models` describes them")
    public static let options = Option.list(
        "model-option", "KEY=VALUE",
        "an option of the network: " + ModelZoo.models.filter { !$0.options.isEmpty }.map(list).joined(separator: "; "))

    public static let all = [model, options]

    /// "ua-vls: mixer=ssmix|linear, ..."
    private static func list(_ descriptor: ModelDescriptor) -> String {
        descriptor.name + ": "
            + descriptor.options.map { option in
                if case .choice(let words) = option.values { return "\(option.name)=\(words.joined(separator: "|"))" }
                return "\(option.name)=\(option.defaultValue)"
            }.joined(separator: ", ")
    }

    public static func descriptor(_ input: CommandInput) throws -> ModelDescriptor {
        let name = try input.string("model")
        return try TrainingError.wrapping { () throws(NetworkError) in try ModelZoo.descriptor(named: name) }
    }

    /// The specification of the requested network, with all options set.
    public static func specification(_ input: CommandInput) throws -> ModelSpecification {
        try applying(input, to: descriptor(input).published)
    }

    /// The values of --model-option, each key once.
    public static func pairs(_ input: CommandInput) throws -> [(key: String, value: String)] {
        var given: [(key: String, value: String)] = []
        for text in input.strings("model-option") {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw CommandError(.usage, "--model-option: \"\(text)\" is not KEY=VALUE") }
            if let earlier = given.first(where: { $0.key == parts[0] }) {
                throw CommandError(.usage, "--model-option: \(parts[0]) is given twice, as \(earlier.value) and \(parts[1])")
            }
            given.append((parts[0], parts[1]))
        }
        return given
    }

    /// The base specification with the given options replaced; another network if one is named.
    public static func applying(_ input: CommandInput, to base: ModelSpecification) throws -> ModelSpecification {
        var result = base
        if input.wasGiven("model"), try input.string("model") != base.name { result = try descriptor(input).published }
        var given = try pairs(input)
        if let dropout = input.optionalString("dropout") {
            if given.contains(where: { $0.key == "dropout" }) {
                throw CommandError(.usage, "--dropout and --model-option dropout= are the same setting; give one")
            }
            given.append(("dropout", dropout))
        }
        let options = given, start = result
        return try TrainingError.wrapping { () throws(NetworkError) in
            var result = start
            let descriptor = try ModelZoo.descriptor(named: result.name)
            for (key, value) in options { try descriptor.set(key, to: value, in: &result) }
            return try descriptor.checked(result)
        }
    }
}
