// Turns the words of a command line into values, as the command's description says.
// Invariants: every mistake is one ArgumentError; nothing is guessed; `--` ends the options.
import Files

struct ParsedArguments: Sendable {
    var positional: [String: [String]] = [:]
    var options: [String: [String]] = [:]
    var flags: Set<String> = []
    var wantsHelp = false
}

struct ArgumentParser {
    let command: Command

    func parse(_ words: [String]) throws(ArgumentError) -> ParsedArguments {
        var parsed = ParsedArguments()
        var loose: [String] = []
        var index = 0
        var optionsEnded = false
        while index < words.count {
            let word = words[index]
            index += 1
            if optionsEnded || !looksLikeOption(word) {
                loose.append(word)
            } else if word == "--" {
                optionsEnded = true
            } else if word == "--help" || word == "-h" {
                parsed.wantsHelp = true
                return parsed
            } else {
                try parseOption(word, words: words, index: &index, into: &parsed)
            }
        }
        try assign(loose, to: &parsed)
        for option in command.options where option.isRequired && parsed.options[option.name] == nil {
            throw .missingOption(option: option.name, valueName: option.valueName)
        }
        for group in command.oneOf { try check(group, parsed) }
        for group in command.atMostOne {
            let given = given(group, parsed)
            if given.count > 1 { throw .excluding(given.map { "--\($0)" }) }
        }
        for option in command.options {
            guard let effect = option.effect, parsed.flags.contains(option.name) || parsed.options[option.name] != nil,
                !effect.holds(for: parsed, of: command)
            else { continue }
            throw .noEffect(option: option.name, where: effect.words(for: parsed, of: command))
        }
        return parsed
    }

    /// Checks that exactly one option of a group is given.
    private func check(_ group: [String], _ parsed: ParsedArguments) throws(ArgumentError) {
        let given = given(group, parsed)
        if given.count == 1 { return }
        let labels = (given.isEmpty ? group : given).map { name in
            command.options.first { $0.name == name }.map(Help.label) ?? "--" + name
        }
        throw given.isEmpty ? .noneOfGroup(labels) : .excluding(given.map { "--\($0)" })
    }

    private func given(_ group: [String], _ parsed: ParsedArguments) -> [String] {
        group.filter { parsed.options[$0] != nil || parsed.flags.contains($0) }
    }

    private func parseOption(
        _ word: String, words: [String], index: inout Int, into parsed: inout ParsedArguments
    ) throws(ArgumentError) {
        guard word.hasPrefix("--") else { throw .shortOption(word) }
        let body = word.dropFirst(2)
        let parts = body.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.isEmpty ? "" : String(parts[0])
        let attached = parts.count > 1 ? String(parts[1]) : nil
        if let now = command.moved[name] { throw .moved(option: name, now: now) }
        guard let option = command.options.first(where: { $0.name == name }) else {
            throw .unknownOption(name, suggestion: Spelling.nearest(to: name, among: command.options.map(\.name) + ["help"]))
        }
        switch option.kind {
        case .flag:
            if let attached { throw .unwantedValue(option: name, value: attached) }
            parsed.flags.insert(name)
        case .value:
            if parsed.options[name] != nil { throw .repeated(option: name) }
            parsed.options[name] = [try value(of: option, attached, words, &index)]
        case .list:
            var values = [try value(of: option, attached, words, &index)]
            if attached == nil {
                while index < words.count, !looksLikeOption(words[index]) {
                    values.append(words[index])
                    index += 1
                }
            }
            parsed.options[name, default: []] += values
        }
        if !option.choices.isEmpty, let value = parsed.options[name]?.last, !option.choices.contains(value) {
            throw .notAChoice(option: name, value: value, choices: option.choices)
        }
        if !option.mayBeEmpty, parsed.options[name]?.contains("") == true { throw .emptyValue(option: name, valueName: option.valueName) }
    }

    private func value(
        of option: Option, _ attached: String?, _ words: [String], _ index: inout Int
    ) throws(ArgumentError) -> String {
        if let attached { return attached }
        guard index < words.count, !looksLikeOption(words[index]) else {
            throw .missingValue(option: option.name, valueName: option.valueName)
        }
        index += 1
        return words[index - 1]
    }

    private func assign(_ loose: [String], to parsed: inout ParsedArguments) throws(ArgumentError) {
        var rest = loose[...]
        for argument in command.arguments {
            if argument.repeats {
                parsed.positional[argument.name] = Array(rest)
                rest = []
            } else if let first = rest.popFirst() {
                parsed.positional[argument.name] = [first]
            }
            if !argument.isOptional, parsed.positional[argument.name]?.isEmpty ?? true { throw .missingArgument(argument.name) }
        }
        if let extra = rest.first { throw .unexpectedArgument(extra, command: command.name) }
    }

    /// A word that starts with a dash is an option, except a single dash and negative numbers.
    private func looksLikeOption(_ word: String) -> Bool {
        guard word.hasPrefix("-"), word.count > 1 else { return false }
        let second = word[word.index(after: word.startIndex)]
        return !(second.isNumber || second == ".")
    }
}
