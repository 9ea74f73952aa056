// Options of `train` as a plan gives them: in order, each once; an option of the network counts by its key.
// Not for what they mean: `PlanRules.refusal` asks train.
import Files

public struct TrainOptions: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        /// The option's name without dashes: "loss", "model-option".
        public let option: String
        /// The key of KEY=VALUE; nil for other options.
        public let key: String?
        /// Nil for a flag.
        public let value: String?

        public init(_ option: String, key: String? = nil, value: String? = nil) {
            self.option = option
            self.key = key
            self.value = value
        }

        /// The name by which a plan's `varies` names it: "loss"; for `model-option` the network's option, "mixer".
        public var title: String { key ?? option }

        func isSame(as other: Entry) -> Bool { option == other.option && key == other.key }

        var words: [String] {
            guard let value else { return ["--" + option] }
            let text = key.map { "\($0)=\(value)" } ?? value
            return text.hasPrefix("-") ? ["--\(option)=\(text)"] : ["--" + option, text]
        }
    }

    public private(set) var entries: [Entry] = []

    public init(_ entries: [Entry] = []) { for entry in entries { set(entry) } }

    public mutating func set(_ entry: Entry) {
        if let place = entries.firstIndex(where: { $0.isSame(as: entry) }) { entries[place] = entry } else { entries.append(entry) }
    }

    /// These options, replaced or followed by the others.
    public func replaced(by others: TrainOptions) -> TrainOptions {
        var result = self
        for entry in others.entries { result.set(entry) }
        return result
    }

    /// As words of a command line.
    public var words: [String] { entries.flatMap(\.words) }
}
