// A WordPiece vocabulary: tokens in the order of their ids. Vocabulary+Files.swift reads files; VocabularyBuilder.swift builds a vocabulary
// from captions.
//
// Invariants: [PAD], [UNK], [CLS] and [SEP] exist. Tokens are compared by their bytes, never by Unicode equivalence. If a token occurs
// twice, its id is that of the last occurrence, as in Hugging Face's reader.
import Files

public struct Vocabulary: Sendable {
    /// The special tokens of BERT, in the order of a built vocabulary.
    public static let specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

    /// The pieces of WordPiece; the index is the id.
    public let tokens: [String]
    /// Tokens that are looked for in the text before WordPiece, apart from BERT's own special tokens.
    public let added: [AddedToken]
    /// SHA-256 in lower-case hexadecimal of the tokens, each followed by a newline: the hash of a plain vocab.txt. Added tokens are hashed
    /// after them.
    public let sha256: String
    /// Whether text keeps its capitals and accents, as a cased BERT expects. False for every uncased BERT, including CXR-BERT.
    public let keepsCase: Bool
    public let padding: Int32, unknown: Int32, classification: Int32, separator: Int32

    let idsByBytes: [[UInt8]: Int32]

    /// - Throws: `TextError.vocabularyLacks` if a special token is missing.
    public init(tokens: [String], keepsCase: Bool = false) throws(TextError) {
        try self.init(tokens: tokens, keepsCase: keepsCase, added: [], path: nil)
    }

    init(tokens: [String], keepsCase: Bool, added: [AddedToken], path: String?) throws(TextError) {
        let table = Table(tokens)
        let missing = Self.specials.dropLast().filter { table.ids[Array($0.utf8)] == nil }
        guard missing.isEmpty else { throw .vocabularyLacks(path: path, tokens: Array(missing), count: tokens.count) }
        self.init(tokens: tokens, keepsCase: keepsCase, added: added, table: table)
    }

    /// For tokens that are known to include the special ones.
    init(trusted tokens: [String], keepsCase: Bool) { self.init(tokens: tokens, keepsCase: keepsCase, added: [], table: Table(tokens)) }

    private init(tokens: [String], keepsCase: Bool, added: [AddedToken], table: Table) {
        func id(_ token: String) -> Int32 { table.ids[Array(token.utf8)] ?? 0 }
        (padding, unknown, classification, separator) = (id("[PAD]"), id("[UNK]"), id("[CLS]"), id("[SEP]"))
        self.tokens = tokens
        self.keepsCase = keepsCase
        self.added = added
        idsByBytes = table.ids
        let behind = added.map { "\n\($0.id) \($0.singleWord) \($0.normalized) \($0.content)" }.joined()
        sha256 = Digest.sha256(table.fileBytes + Array(behind.utf8))
        count = max(tokens.count, Int(added.last?.id ?? 0) + 1)
    }

    private struct Table {
        var ids: [[UInt8]: Int32] = [:]
        var fileBytes: [UInt8] = []

        init(_ tokens: [String]) {
            ids.reserveCapacity(tokens.count)
            for (index, token) in tokens.enumerated() {
                let bytes = Array(token.utf8)
                ids[bytes] = Int32(index)
                fileBytes.append(contentsOf: bytes)
                fileBytes.append(UInt8(ascii: "\n"))
            }
        }
    }

    /// The number of ids, including added tokens.
    public let count: Int

    /// The token's id, or nil if the vocabulary does not have the token.
    public func id(of token: String) -> Int32? { idsByBytes[Array(token.utf8)] }
}
