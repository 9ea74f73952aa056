// Text features, computed once per distinct caption: the encoder is frozen, so the features of a caption never change.
// The key is token ids and attention, so captions that differ only in white space or capitals share one entry.
// Shape letters: B batch, N text tokens, D text width.
import Text

public struct TextFeatureCache: Sendable {
    public let tokens: Int
    public let width: Int
    private var rows: [TokenSequence: Int] = [:]
    private var features: [Float] = []

    public init(tokens: Int, width: Int) {
        self.tokens = tokens
        self.width = width
    }

    /// Number of distinct captions.
    public var count: Int { rows.count }
    public var bytes: Int { features.count * MemoryLayout<Float>.stride }

    /// The sequences without a feature yet, each once, in order of appearance.
    public func missing(among sequences: [TokenSequence]) -> [TokenSequence] {
        var seen = Set<TokenSequence>()
        return sequences.map(Self.key).filter { rows[$0] == nil && seen.insert($0).inserted }
    }

    /// Adds the features [count, N, D] of sequences that were missing.
    public mutating func add(_ sequences: [TokenSequence], features added: [Float]) {
        precondition(added.count == sequences.count * tokens * width, "\(added.count) numbers for \(sequences.count) captions")
        for sequence in sequences {
            rows[Self.key(sequence)] = rows.count
        }
        features += added
    }

    /// The features [B, N, D] of a batch; nil if a caption was never encoded.
    public func features(of sequences: [TokenSequence]) -> [Float]? {
        let size = tokens * width
        var places: [Int] = []
        for sequence in sequences {
            guard let row = rows[Self.key(sequence)] else { return nil }
            places.append(row * size)
        }
        var result: [Float] = []
        result.reserveCapacity(places.count * size)
        for place in places { result += features[place..<place + size] }
        return result
    }

    /// Only ids and attention belong to the key.
    private static func key(_ sequence: TokenSequence) -> TokenSequence {
        TokenSequence(ids: sequence.ids, attention: sequence.attention)
    }
}
