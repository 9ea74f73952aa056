// The texts of CommandError and ArgumentError: what was found, what was expected, what to do.
import Files

extension CommandError {
    public var description: String { message }
}

extension ArgumentError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noCommand(_, let commands):
            return "no command given; expected one of: \(commands.joined(separator: ", "))"
        case .unknownCommand(let name, let suggestion, let commands):
            return "unknown command \"\(name)\"" + Self.hint(suggestion)
                + "; expected one of: \(commands.joined(separator: ", "))"
        case .unknownOption(let name, let suggestion):
            return "unknown option --\(name)" + Self.hint(suggestion.map { "--\($0)" })
        case .moved(let option, let now):
            return "--\(option) is now a command: \(now)"
        case .shortOption(let text):
            return "unknown option \(text); options have long names, such as --help"
        case .missingValue(let option, let valueName):
            return "--\(option) needs a value: --\(option) \(valueName)"
        case .unwantedValue(let option, let value):
            return "--\(option) takes no value, but \"\(value)\" was given"
        case .repeated(let option):
            return "--\(option) was given twice; give it once"
        case .missingOption(let option, let valueName):
            return "--\(option) \(valueName) is required"
        case .noneOfGroup(let labels):
            return "one of \(labels.joined(separator: " and ")) is required"
        case .excluding(let names):
            return "\(names.joined(separator: " and ")) cannot be used together; give only one"
        case .noEffect(let option, let place):
            return "--\(option) has no effect here, it applies only \(place); leave it out"
        case .emptyValue(let option, let valueName):
            return "--\(option): the value is empty; expected --\(option) \(valueName)"
        case .missingArgument(let name):
            return "\(name) is required"
        case .unexpectedArgument(let text, let command):
            return "unexpected argument \"\(text)\" to \(command)"
        case .notANumber(let option, let value, let wanted):
            return "--\(option): \"\(value)\" is not \(wanted)"
        case .outOfRange(let option, let value, let wanted):
            return "--\(option): \(value) is out of range; expected \(wanted)"
        case .notAChoice(let option, let value, let choices):
            return "--\(option): \"\(value)\" is not one of \(choices.joined(separator: ", "))"
                + Self.hint(Spelling.nearest(to: value, among: choices))
        }
    }

    private static func hint(_ suggestion: String?) -> String {
        suggestion.map { "; did you mean \($0)?" } ?? ""
    }
}
