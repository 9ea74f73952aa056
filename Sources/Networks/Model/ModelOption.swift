// One setting that a network offers beyond its published form: `--model-option KEY=VALUE`. Values are kept as text in one spelling, so that
// runs can be compared and config.json can be read by eye.

public struct ModelOption: Sendable, Equatable {
    public enum Values: Sendable, Equatable {
        case choice([String])
        case number(ClosedRange<Double>)
        /// So many whole numbers, divided by commas.
        case integers(count: Int, ClosedRange<Int>, multiplesOf: Int = 1)
    }

    public let name: String
    public let values: Values
    /// The published form.
    public let defaultValue: String
    public let help: String
    /// Whether weights of one value give other results under another although their names and shapes fit: a checkpoint is then held to it.
    public let decidesMeaning: Bool

    public init(_ name: String, _ values: Values, default defaultValue: String, _ help: String, decidesMeaning: Bool = false) {
        self.decidesMeaning = decidesMeaning
        self.name = name
        self.values = values
        self.defaultValue = defaultValue
        self.help = help
    }

    /// What may stand behind the equals sign, as help and errors say it.
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

    /// The value in the one spelling in which it is kept; nil where it is none.
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
