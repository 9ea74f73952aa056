// What a loss is, its terms, and the one list of losses: --loss, metrics.csv, log.jsonl, the progress display and errors take the list.
import Tensors

/// Settings that losses share; a loss takes what concerns it.
public struct LossConfiguration: Codable, Sendable, Equatable {
    /// A name of `Losses`.
    public var name = SpectralEntropicLoss.name
    public var spectralWeight: Float = 0.3
    public var entropyWeight: Float = 0.1
    public var entropy = EntropyForm.published

    private enum CodingKeys: String, CodingKey {
        case name = "kind"
        case spectralWeight, entropyWeight, entropy
    }

    public init(_ name: String = SpectralEntropicLoss.name) { choose(name) }

    /// Another loss, with the weights at hand. The entropy's form follows where the loss fixes it, so that a run's record says what it is.
    public mutating func choose(_ name: String) {
        self.name = name
        entropy = name == PrintedSpectralEntropicLoss.name ? .twoClass : .published
    }
}

/// The loss and its parts, in the loss's order.
public struct LossTerms: Codable, Sendable, Equatable {
    public struct Part: Codable, Sendable, Equatable {
        public let name: String
        public var value: Double

        public init(name: String, value: Double) {
            self.name = name
            self.value = value
        }
    }

    public var total: Double
    public var parts: [Part]

    public init(total: Double = 0, parts: [Part] = []) {
        self.total = total
        self.parts = parts
    }

    /// From the numbers that a loss wrote.
    init(_ values: [Float], parts: [(name: String, place: Int)]) {
        self.init(total: Double(values[0]), parts: parts.map { Part(name: $0.name, value: Double(values[$0.place])) })
    }

    /// A part's value; nil where the loss has none of that name.
    public subscript(name: String) -> Double? { parts.first { $0.name == name }?.value }

    public var isFinite: Bool { total.isFinite }
}

/// A loss of logits [B,H,W] against a target of 0 and 1.
public protocol Loss: Sendable {
    /// As --loss takes it.
    static var name: String { get }
    static var help: String { get }
    init(_ configuration: LossConfiguration)
    /// Numbers that `enqueue` writes, and the names and places of the parts among them; place 0 is the total.
    var termCount: Int { get }
    var parts: [(name: String, place: Int)] { get }
    /// Asks the device for the loss: its terms go to `terms`; with a tape that records, also leaves the first gradients, times `weight`,
    /// from where `tape.backward()` takes them.
    func enqueue(_ logits: Tensor, target: ByteTensor, tape: Tape, terms: Tensor, weight: Float)
}

public enum Losses {
    public static let all: [any Loss.Type] = [
        SpectralEntropicLoss.self, PrintedSpectralEntropicLoss.self, DiceLoss.self, CrossEntropyLoss.self, DiceCrossEntropyLoss.self,
        BalancedDiceCrossEntropyLoss.self, BatchDiceCrossEntropyLoss.self,
    ]

    public static var names: [String] { all.map { $0.name } }

    /// The parts of all losses, each once: columns of metrics.csv.
    public static var partNames: [String] {
        all.flatMap { $0.init(LossConfiguration()).parts.map(\.name) }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
