// BERT's tokenizer: basic tokenization (WordScanner), then the greedy longest match of pieces from the left (PieceTrie).
// The ids equal those of Hugging Face's BertTokenizer for the same vocabulary, including special tokens typed in the text.
//
// Invariants: a sequence of `length` N has N ids, all within the vocabulary; [CLS] is first, and one [SEP] precedes the padding.

/// Splits captions into the pieces of a vocabulary.
public struct WordPieceTokenizer: Sendable {
    public let vocabulary: Vocabulary
    /// Whether text is first lower-cased and stripped of accents, as every uncased BERT expects.
    public var lowercase: Bool { scanner.lowercase }

    private let scanner: WordScanner
    private let specialIds: [Int32]
    private let starts: PieceTrie
    private let continuations: PieceTrie
    /// Nil if there are no added tokens: then the scanner alone finds BERT's special ones.
    private let added: Added?

    /// The parts that split a text at its added tokens.
    private struct Added {
        /// Matchers for the text as written, which include BERT's special tokens, and for the normalised text.
        let written: AddedTokenMatcher, normalised: AddedTokenMatcher
        /// A scanner without special tokens.
        let scanner: WordScanner
        let contents: [Int32: String]
    }

    /// - Parameter lowercase: overrides the vocabulary's own setting.
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
        added = vocabulary.added.isEmpty ? nil : Self.added(vocabulary, typed: typed, lowercase: scanner.lowercase)
        self.continuations = PieceTrie(continuations)
    }

    private static func added(_ vocabulary: Vocabulary, typed: [String], lowercase: Bool) -> Added {
        let usual = typed.filter { content in !vocabulary.added.contains { $0.content == content } }.compactMap { content in
            vocabulary.id(of: content).map { AddedToken(content: content, id: $0, normalized: false, special: true) }
        }
        let written = usual + vocabulary.added.filter { !$0.normalized }
        let normalised = vocabulary.added.filter(\.normalized).map { (ScalarMap.normalised($0.content, lowercase: lowercase), $0) }
        return Added(
            written: AddedTokenMatcher(written.map { ($0.content, $0) }), normalised: AddedTokenMatcher(normalised),
            scanner: WordScanner(lowercase: lowercase, specials: []),
            contents: Dictionary(vocabulary.added.map { ($0.id, $0.content) }, uniquingKeysWith: { first, _ in first }))
    }

    /// The caption as `length` ids: truncated to fit, framed by [CLS] and [SEP], padded with [PAD]. A length below 2 counts as 2.
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

    /// The pieces as text, without [CLS] and [SEP] and without a length limit.
    public func tokenize(_ text: String) -> [String] {
        var tokens: [String] = []
        pieces(of: text) { id, _ in
            tokens.append(added?.contents[id] ?? vocabulary.tokens[Int(id)])
            return true
        }
        return tokens
    }

    /// Calls `emit` with each piece's id, in order, until it returns false.
    private func pieces(of text: String, _ emit: (_ id: Int32, _ isUnknown: Bool) -> Bool) {
        guard let added else {
            _ = pieces(of: text, scanner, emit)
            return
        }
        let bytes = Array(text.utf8)
        for segment in added.written.segments(of: bytes) {
            guard case .text(let range) = segment else {
                if case .token(let id) = segment, !emit(id, false) { return }
                continue
            }
            let normal = Array(ScalarMap.normalised(String(decoding: bytes[range], as: UTF8.self), lowercase: lowercase).utf8)
            for segment in added.normalised.segments(of: normal) {
                switch segment {
                case .token(let id): if !emit(id, false) { return }
                case .text(let range): if !pieces(of: String(decoding: normal[range], as: UTF8.self), added.scanner, emit) { return }
                }
            }
        }
    }

    /// The pieces of a text without added tokens; false if `emit` asks to stop.
    private func pieces(of text: String, _ scanner: WordScanner, _ emit: (_ id: Int32, _ isUnknown: Bool) -> Bool) -> Bool {
        var found: [Int32] = []
        var goesOn = true
        scanner.scan(text) { event in
            switch event {
            case .special(let index):
                goesOn = emit(specialIds[index], false)
            case .word(let word, let scalars):
                found.removeAll(keepingCapacity: true)
                guard scalars <= WordScanner.maximumWordScalars, split(word, into: &found) else {
                    goesOn = emit(vocabulary.unknown, true)
                    return goesOn
                }
                for id in found where goesOn { goesOn = emit(id, false) }
            }
            return goesOn
        }
        return goesOn
    }

    /// Greedy longest match; false if no piece matches the rest of the word, which makes the whole word unknown.
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
