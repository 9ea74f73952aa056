// BERT's tokenizer: basic tokenization (WordScanner), then the greedy longest match of pieces from the left (PieceTrie).
// Id for id what Hugging Face's BertTokenizer gives for the same vocabulary, special tokens typed in the text included.
//
// Invariants: a sequence of `length` N has N ids, all within the vocabulary, [CLS] first and one [SEP] before the padding.

/// Splits captions into the pieces of a vocabulary.
public struct WordPieceTokenizer: Sendable {
    public let vocabulary: Vocabulary
    /// Whether text is lower-cased and stripped of accents first, as every uncased BERT wants it.
    public var lowercase: Bool { scanner.lowercase }

    private let scanner: WordScanner
    private let specialIds: [Int32]
    private let starts: PieceTrie
    private let continuations: PieceTrie

    /// - Parameter lowercase: overrides what the vocabulary says of itself.
    public init(vocabulary: Vocabulary, lowercase: Bool? = nil) {
        self.vocabulary = vocabulary
        let typed = Vocabulary.specials.filter { vocabulary.id(of: $0) != nil }
        scanner = WordScanner(lowercase: lowercase ?? !vocabulary.keepsCase, specials: typed)
        specialIds = typed.compactMap { vocabulary.id(of: $0) }
        var starts: [(key: [UInt8], id: Int32)] = []
        var continuations: [(key: [UInt8], id: Int32)] = []
        for (key, id) in vocabulary.idsByBytes where !key.isEmpty {
            starts.append((key, id))
            if key.count > 2 && key[0] == UInt8(ascii: "#") && key[1] == UInt8(ascii: "#") {
                continuations.append((Array(key[2...]), id))
            }
        }
        self.starts = PieceTrie(starts)
        self.continuations = PieceTrie(continuations)
    }

    /// The caption as `length` ids: cut to fit, framed by [CLS] and [SEP], padded with [PAD]. A length below 2 counts as 2.
    public func encode(_ text: String, length: Int = 24) -> TokenSequence {
        let length = max(2, length)
        let room = length - 2
        var ids: [Int32] = [vocabulary.classification]
        ids.reserveCapacity(length + 16)
        var unknown: [Int] = []
        pieces(of: text) { id, isUnknown in
            if isUnknown { unknown.append(ids.count) }
            ids.append(id)
            return ids.count <= room + 1
        }
        let truncated = ids.count > room + 1
        if truncated { ids.removeSubrange((room + 1)...) }
        ids.append(vocabulary.separator)
        let used = ids.count
        ids.append(contentsOf: repeatElement(vocabulary.padding, count: length - used))
        let attention = [UInt8](repeating: 1, count: used) + [UInt8](repeating: 0, count: length - used)
        return TokenSequence(
            ids: ids, attention: attention, truncated: truncated, unknownCount: unknown.lazy.filter { $0 <= room }.count)
    }

    /// The pieces as text, without [CLS] and [SEP] and without a limit of length.
    public func tokenize(_ text: String) -> [String] {
        var tokens: [String] = []
        pieces(of: text) { id, _ in
            tokens.append(vocabulary.tokens[Int(id)])
            return true
        }
        return tokens
    }

    /// Calls `emit` with each piece's id, in order, until it returns false.
    private func pieces(of text: String, _ emit: (_ id: Int32, _ isUnknown: Bool) -> Bool) {
        var found: [Int32] = []
        scanner.scan(text) { event in
            switch event {
            case .special(let index):
                return emit(specialIds[index], false)
            case .word(let word, let scalars):
                found.removeAll(keepingCapacity: true)
                guard scalars <= WordScanner.maximumWordScalars, split(word, into: &found) else {
                    return emit(vocabulary.unknown, true)
                }
                for id in found where !emit(id, false) { return false }
                return true
            }
        }
    }

    /// Greedy longest match; false where some rest of the word begins with no piece, and the whole word is unknown.
    private func split(_ word: UnsafeBufferPointer<UInt8>, into ids: inout [Int32]) -> Bool {
        guard let first = starts.longestMatch(in: word, from: 0) else { return false }
        ids.append(first.id)
        var position = first.end
        while position < word.count {
            guard let next = continuations.longestMatch(in: word, from: position) else { return false }
            ids.append(next.id)
            position = next.end
        }
        return true
    }
}
