// Tokenises a split's captions when the shards are opened, for a model whose vocabulary or token length differs from that of the stored
// tokens, or for shards without tokens. Each distinct caption of a shard is tokenised once; a loader only copies.
// Invariant: the tokens, and the order of the distinct sequences, are the same as in shards made for that vocabulary and length.
import Files
import Text

/// What was lost when captions were tokenised, counted over samples as `prep shard` does.
public struct CaptionLosses: Sendable, Equatable {
    /// Captions longer than the token length.
    public var truncated = 0
    /// Captions with words that the vocabulary cannot spell.
    public var withUnknowns = 0

    public init() {}

    public static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.truncated += right.truncated
        sum.withUnknowns += right.withUnknowns
        return sum
    }
}

struct CaptionTokens: Sendable {
    let length: Int
    /// Distinct sequences, in the order of their first sample.
    let sequences: [TokenSequence]
    /// The number of each sample's sequence in `sequences`.
    let numbers: [Int32]
    let losses: CaptionLosses

    func sequence(of sample: Int) -> TokenSequence { sequences[Int(numbers[sample])] }

    /// Tokenises every caption of a set.
    /// - Parameter captions: one for each sample, in place of the set's own.
    init(
        of shards: ShardSet, captions: [String]? = nil, by tokenizer: WordPieceTokenizer, length: Int, threads: Int
    ) throws(ShardError) {
        precondition(captions.map { $0.count == shards.count } ?? true, "\(captions?.count ?? 0) captions for \(shards.count) samples")
        self.length = length
        let parts = ParallelMap.map(Array(0..<shards.index.shards.count), threads: threads) { shard in
            Result { () throws(ShardError) in try Part(shards, shards.samples(ofShard: shard), captions, tokenizer, length) }
        }
        var places: [TokenSequence: Int32] = [:], sequences: [TokenSequence] = [], numbers: [Int32] = [], losses = CaptionLosses()
        numbers.reserveCapacity(shards.count)
        for part in parts {
            let part = try part.get()
            // Maps a shard's sequence numbers to those of the set.
            let own = part.sequences.map { sequence in
                if let place = places[sequence] { return place }
                let place = Int32(sequences.count)
                places[sequence] = place
                sequences.append(sequence)
                return place
            }
            for number in part.numbers { numbers.append(own[Int(number)]) }
            losses = losses + part.losses
        }
        (self.sequences, self.numbers, self.losses) = (sequences, numbers, losses)
    }

    /// The captions of one shard.
    private struct Part: Sendable {
        var sequences: [TokenSequence] = []
        var numbers: [Int32] = []
        var losses = CaptionLosses()

        init(
            _ shards: ShardSet, _ samples: Range<Int>, _ captions: [String]?, _ tokenizer: WordPieceTokenizer, _ length: Int
        ) throws(ShardError) {
            var known: [String: (place: Int32, isTruncated: Bool, hasUnknowns: Bool)] = [:]
            var places: [TokenSequence: Int32] = [:]
            for index in samples {
                let caption = if let captions { captions[index] } else { try shards.texts(of: index).caption ?? "" }
                let entry: (place: Int32, isTruncated: Bool, hasUnknowns: Bool)
                if let found = known[caption] {
                    entry = found
                } else {
                    let made = tokenizer.encode(CaptionText.normalised(caption), length: length)
                    // Only ids and attention, as in shards.
                    let sequence = TokenSequence(ids: made.ids, attention: made.attention)
                    let place = places[sequence] ?? Int32(sequences.count)
                    if places.updateValue(place, forKey: sequence) == nil { sequences.append(sequence) }
                    entry = (place, made.truncated, made.unknownCount > 0)
                    known[caption] = entry
                }
                numbers.append(entry.place)
                if entry.isTruncated { losses.truncated += 1 }
                if entry.hasUnknowns { losses.withUnknowns += 1 }
            }
        }
    }
}

extension ShardSet {
    /// The captions of all samples, in their order; empty for a set without.
    public func captions() throws(ShardError) -> [String] {
        var captions: [String] = []
        for index in 0..<count { if let caption = try texts(of: index).caption { captions.append(caption) } }
        return captions
    }

    /// The same samples with tokens of another vocabulary or length, made of the captions.
    /// - Parameters:
    ///   - captions: one for each sample, in place of the set's own.
    ///   - threads: threads that unpack shards and tokenise.
    public func tokenised(
        captions: [String]? = nil, by tokenizer: WordPieceTokenizer, length: Int, threads: Int = ParallelMap.availableThreads
    ) throws(ShardError) -> (shards: ShardSet, losses: CaptionLosses) {
        let tokens = try CaptionTokens(of: self, captions: captions, by: tokenizer, length: length, threads: threads)
        return (ShardSet(self, made: tokens), tokens.losses)
    }
}
