// The condition under which an option has an effect, as part of its declaration. An option that would be ignored is refused; the message
// says what is missing. Not for values that exclude each other for reasons of a library: the library refuses those.

/// A condition on the other arguments.
public indirect enum Effect: Sendable {
    /// An option or flag is given.
    case with(String)
    /// None of these flags or options is given.
    case without([String])
    /// The value of an option, or its default, is one of these.
    case value(String, [String])
    /// The value of an option, or its default, is none of these.
    case valueNot(String, [String])
    /// An argument has one of these values.
    case argument(String, [String])
    case any([Effect])
    case all([Effect])

    func holds(for parsed: ParsedArguments, of command: Command) -> Bool {
        func given(_ name: String) -> Bool { parsed.flags.contains(name) || parsed.options[name] != nil }
        func value(_ name: String) -> String? {
            parsed.options[name]?.last ?? command.options.first { $0.name == name }?.defaultValue
        }
        return switch self {
        case .with(let name): given(name)
        case .without(let names): !names.contains(where: given)
        case .value(let name, let values): value(name).map(values.contains) ?? false
        case .valueNot(let name, let values): !(value(name).map(values.contains) ?? false)
        case .argument(let name, let values): parsed.positional[name]?.first.map(values.contains) ?? false
        case .any(let effects): effects.contains { $0.holds(for: parsed, of: command) }
        case .all(let effects): effects.allSatisfy { $0.holds(for: parsed, of: command) }
        }
    }

    /// What is missing, as in "it counts only with --split". Of several conditions, only those that do not hold are named.
    func words(for parsed: ParsedArguments, of command: Command) -> String {
        func dashed(_ names: [String]) -> [String] { names.map { "--\($0)" } }
        switch self {
        case .with(let name): return "with --\(name)"
        case .without(let names):
            let given = names.filter { parsed.flags.contains($0) || parsed.options[$0] != nil }
            return "without " + Self.either(dashed(given.isEmpty ? names : given))
        case .value(let name, let values): return "with --\(name) " + Self.either(values)
        case .valueNot(let name, let values): return "with another --\(name) than " + Self.either(values)
        case .argument(_, let values): return "for " + Self.either(values.map { "`\(command.name) \($0)`" })
        case .any(let effects):
            // "with --benchmark or --profile" is shorter than "with --benchmark or with --profile".
            let names = effects.compactMap { effect in if case .with(let name) = effect { name } else { nil as String? } }
            if names.count == effects.count { return "with " + Self.either(dashed(names)) }
            return Self.either(effects.map { $0.words(for: parsed, of: command) })
        case .all(let effects):
            return effects.filter { !$0.holds(for: parsed, of: command) }.map { $0.words(for: parsed, of: command) }.joined(
                separator: " and ")
        }
    }

    private static func either(_ words: [String]) -> String {
        guard words.count > 1, let last = words.last else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}
