// One setting of a network besides its published form: `--model-option KEY=VALUE`. Values are stored as text in one canonical spelling, so
// that runs can be compared and config.json is readable.

public struct ModelOption: Sendable, Equatable {
    public enum Values: Sendable, Equatable {
        case choice([String])
        case number(ClosedRange<Double>)
        /// `count` whole numbers, separated by commas.
        case integers(count: Int, ClosedRange<Int>, multiplesOf: Int = 1)
    }

    public let name: String
    public let values: Values
    /// The value of the published network.
    public let defaultValue: String
    public let help: String
    /// Whether weights of one value fit another but give other results. If so, a checkpoint must be used with the value that it was trained
    /// with.
    public let decidesMeaning: Bool

    public init(_ name: String, _ values: Values, default defaultValue: String, _ help: String, decidesMeaning: Bool = false) {
        self.decidesMeaning = decidesMeaning
        self.name = name
        self.values = values
        self.defaultValue = defaultValue
        self.help = help
    }

    /// The allowed values, as help and errors describe them.
    public var expected: String {
        switch values {
        case .choice(let words): words.joined(separator: "|")
        case .number(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .integers(1, let range, _): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .integers(let count, let range, let step):
            "\(count) \(step == 1 ? "whole numbers" : "multiples of \(step)") from \(range.lowerBound) to \(range.upperBound), such as "
                + defaultValue
        }
    }

    /// The canonical spelling of a value; nil if it is not allowed.
    func canonical(_ text: String) -> String? {
        switch values {
        case .choice(let words): return words.contains(text) ? text : nil
        case .number(let range):
            guard let number = Double(text), range.contains(number) else { return nil }
            return "\(number)"
        case .integers(let count, let range, let step):
            let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
            let good = numbers.compactMap { $0 }.filter { range.contains($0) && $0 % step == 0 }
            return good.count == count && numbers.count == count ? good.map(String.init).joined(separator: ",") : nil
        }
    }
}
