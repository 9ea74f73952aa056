// The protocol of losses, their terms, and the one list of losses. --loss, metrics.csv, log.jsonl, the progress display and errors use the
// list.
import Tensors

/// Settings of all losses; each loss uses those that apply to it.
public struct LossConfiguration: Codable, Sendable, Equatable {
    /// A loss's name in `Losses`.
    public var name = SpectralEntropicLoss.name
    public var spectralWeight: Float = 0.3
    public var entropyWeight: Float = 0.1
    public var entropy = EntropyForm.published

    private enum CodingKeys: String, CodingKey {
        case name = "kind"
        case spectralWeight, entropyWeight, entropy
    }

    public init(_ name: String = SpectralEntropicLoss.name) { choose(name) }

    /// The same settings with another loss. If the loss fixes the form of the entropy, that form is recorded, so that a run's configuration
    /// shows it.
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

    /// The terms from the numbers that a loss wrote.
    init(_ values: [Float], parts: [(name: String, place: Int)]) {
        self.init(total: Double(values[0]), parts: parts.map { Part(name: $0.name, value: Double(values[$0.place])) })
    }

    /// A part's value; nil if the loss has no part of that name.
    public subscript(name: String) -> Double? { parts.first { $0.name == name }?.value }

    public var isFinite: Bool { total.isFinite }
}

/// A loss of logits [B,H,W] against a target of 0 and 1.
public protocol Loss: Sendable {
    /// The value of --loss.
    static var name: String { get }
    static var help: String { get }
    init(_ configuration: LossConfiguration)
    /// The number of values that `enqueue` writes, and the names and positions of the parts among them; position 0 is the total.
    var termCount: Int { get }
    var parts: [(name: String, place: Int)] { get }
    /// Enqueues the loss on the device: its terms go to `terms`. If the tape records, it also stores the first gradients, times `weight`,
    /// where `tape.backward()` reads them.
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
