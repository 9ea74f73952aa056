// The words of a caption with their places, for maps of single words and for captions without one of them.
// Invariant: words are in order and do not overlap; punctuation and blanks belong to no word.

/// What an English word of a caption tells about the target.
public enum CaptionWordKind: String, Sendable, CaseIterable {
    /// Names left or right: left, rightmost, lowerright.
    case side
    /// Names another position or extent: top, upper, center, middle, all, bilateral.
    case place
    /// Names a number: two, 2, multiple, no.
    case number
    case size
    case shape
    case colour
    /// Any other word, and every word of another language.
    case other
}

/// One word of a caption.
public struct CaptionWord: Sendable, Equatable {
    /// As written.
    public let text: String
    /// Where it is in the caption.
    public let range: Range<String.Index>
    public let kind: CaptionWordKind
}

public struct CaptionWords: Sendable {
    public let caption: String
    public let words: [CaptionWord]

    /// - Parameter caption: as a network reads it, that is `CaptionText.normalised`, where tokens matter.
    public init(_ caption: String) {
        self.caption = caption
        let pieces = CaptionPieces(caption)
        words = CaptionPieces.wordRanges(of: caption).enumerated().map { index, range in
            CaptionWord(text: pieces.words[index], range: range, kind: CaptionLexicon.kind(of: index, in: pieces))
        }
    }

    /// The caption without one word and the blank beside it. Grammar is not mended. An index beyond the words gives the caption.
    public func without(_ index: Int) -> String {
        guard words.indices.contains(index) else { return caption }
        var pieces = CaptionPieces(caption)
        pieces.remove(at: index)
        return pieces.text
    }

    /// The positions of each word's tokens in the sequence that `tokenizer` makes of the caption; position 0 is [CLS].
    /// - Returns: one range for each word; empty if the word has no token or is cut off at `length`.
    public func tokenRanges(_ tokenizer: WordPieceTokenizer, length: Int) -> [Range<Int>] {
        // The last position is [SEP].
        let end = max(1, length - 1)
        return words.map { word in
            let first = 1 + tokenizer.tokenize(String(caption[..<word.range.lowerBound])).count
            let count = tokenizer.tokenize(word.text).count
            return min(first, end)..<min(first + count, end)
        }
    }
}
