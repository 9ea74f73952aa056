// What a command's body receives: its parsed values with types, and the console for output.
// If a command asks for an option that it did not declare, that is a bug in the program and is reported as one.

import Files

public struct CommandInput: Sendable {
    public let console: Console
    let command: Command
    let parsed: ParsedArguments

    // MARK: Values

    /// A required positional argument.
    public func argument(_ name: String) throws(ArgumentError) -> String {
        guard let value = parsed.positional[name]?.first else { throw .missingArgument(name) }
        return value
    }

    public func optionalArgument(_ name: String) -> String? { parsed.positional[name]?.first }

    /// All words of a repeating positional argument.
    public func arguments(_ name: String) -> [String] { parsed.positional[name] ?? [] }

    public func flag(_ name: String) -> Bool { parsed.flags.contains(name) }

    /// Whether the user typed the option (a default does not count).
    public func wasGiven(_ name: String) -> Bool { parsed.options[name] != nil || parsed.flags.contains(name) }

    /// The option's value, its default, or nil.
    public func optionalString(_ name: String) -> String? {
        parsed.options[name]?.last ?? command.options.first { $0.name == name }?.defaultValue
    }

    /// The option's value or its default; an error if there is neither.
    public func string(_ name: String) throws(ArgumentError) -> String {
        guard let value = optionalString(name) else { throw missing(name) }
        return value
    }

    public func strings(_ name: String) -> [String] { parsed.options[name] ?? [] }

    /// The value as a case of an enumeration of words; declare the option with `.choice`.
    public func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, as type: Value.Type
    ) throws(ArgumentError) -> Value where Value.RawValue == String {
        let text = try string(name)
        guard let value = Value(rawValue: text) else {
            throw .notAChoice(option: name, value: text, choices: Value.allCases.map(\.rawValue))
        }
        return value
    }

    public func integer(_ name: String, in range: ClosedRange<Int>) throws(ArgumentError) -> Int {
        let text = try string(name)
        guard let value = Int(text) else { throw .notANumber(option: name, value: text, wanted: "a whole number") }
        guard range.contains(value) else {
            throw .outOfRange(option: name, value: text, wanted: Self.words(for: range))
        }
        return value
    }

    public func optionalInteger(_ name: String, in range: ClosedRange<Int>) throws(ArgumentError) -> Int? {
        optionalString(name) == nil ? nil : try integer(name, in: range)
    }

    /// An amount of memory: a whole number of bytes, or a number followed by KB, MB or GB (powers of 1024).
    public func bytes(_ name: String) throws(ArgumentError) -> Int {
        let text = try string(name)
        let units = [("GB", 30), ("MB", 20), ("KB", 10), ("", 0)]
        let upper = text.uppercased()
        for (unit, shift) in units where upper.hasSuffix(unit) {
            guard let value = Int(upper.dropLast(unit.count)), value > 0, value <= Int.max >> shift else { break }
            return value << shift
        }
        throw .notANumber(option: name, value: text, wanted: "an amount of memory, such as 500MB or 4GB")
    }

    /// A seed: any whole number from 0 to 2^64 - 1.
    public func seed(_ name: String) throws(ArgumentError) -> UInt64 {
        let text = try string(name)
        guard let value = UInt64(text) else {
            throw .notANumber(option: name, value: text, wanted: "a whole number from 0 to 2^64 - 1")
        }
        return value
    }

    public func number(_ name: String, in range: ClosedRange<Double>) throws(ArgumentError) -> Double {
        let text = try string(name)
        guard let value = Double(text), value.isFinite else { throw .notANumber(option: name, value: text, wanted: "a number") }
        guard range.contains(value) else {
            throw .outOfRange(option: name, value: text, wanted: "\(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    // MARK: Speaking

    /// Prints a line on standard output.
    public func print(_ line: String) { console.writeOutput(Printable.line(line) + "\n") }

    /// Prints several lines on standard output, such as a table. Names in them must have gone through `Printable.line`.
    public func printLines(_ text: String) { console.writeOutput(text + "\n") }

    /// Prints JSON text on standard output.
    public func printJSON(_ text: String) { console.writeJSON(text + "\n") }

    /// Prints a line on standard error, `warning: ...`.
    public func warn(_ line: String) { console.writeError("warning: \(Printable.line(line))\n") }

    /// Prints a line of information on standard error, so that standard output holds only data.
    public func note(_ line: String) { console.writeError(Printable.line(line) + "\n") }

    /// A progress line on standard error.
    public func progress(_ label: String, total: Int, unit: String) -> ProgressLine {
        ProgressLine(label, total: total, unit: unit, console: console)
    }

    private func missing(_ name: String) -> ArgumentError {
        let valueName = command.options.first { $0.name == name }?.valueName ?? "VALUE"
        return .missingOption(option: name, valueName: valueName)
    }

    private static func words(for range: ClosedRange<Int>) -> String {
        range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}
