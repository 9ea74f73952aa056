// Reduces a caption to the name of its target: no position, number, size, shape or colour. "one small white polyp, located in top left of the
// image" becomes "polyp".
// The words are not cut out one by one, because what is left of a sentence then ("polyp, located in of the image") is no caption, and its
// length and its plurals still tell how many places and lesions there are.

enum GenericCaption {
    static func rewrite(_ caption: String) -> VariedCaption {
        let pieces = CaptionPieces(caption)
        guard let last = target(pieces) else { return VariedCaption(kept: caption, .noTarget) }
        var phrase = NounNumber.singular(pieces.lower(last))
        // The words before the noun that say what it is; the nearest one that was kept.
        var kept = last
        var index = last - 1
        while index >= 0, pieces.isBlank(before: index + 1) || pieces.gaps[index + 1] == "-" {
            let word = pieces.lower(index)
            if CaptionLexicon.phraseEnds.contains(word) { break }
            let isMeasure = CaptionLexicon.measures.contains(word) || word.first?.isNumber == true
            if CaptionLexicon.kind(of: index, in: pieces) == .other, !isMeasure {
                phrase = pieces.words[index] + (kept == index + 1 ? pieces.gaps[kept] : " ") + phrase
                kept = index
            }
            index -= 1
        }
        let first = pieces.words[0]
        if first.first?.isUppercase == true { phrase = phrase.prefix(1).uppercased() + phrase.dropFirst() }
        if pieces.gaps.contains(where: { $0.contains(".") }) { phrase += "." }
        return phrase == caption ? VariedCaption(kept: caption, .alreadyGeneric) : VariedCaption(phrase)
    }

    /// The last word of the first noun that names a target.
    private static func target(_ pieces: CaptionPieces) -> Int? {
        let indices = pieces.words.indices
        let first =
            indices.first { CaptionLexicon.isTarget(pieces.lower($0)) } ?? indices.first { CaptionLexicon.isCountable(pieces.lower($0)) }
        guard var last = first else { return nil }
        while last + 1 < pieces.words.count, pieces.isBlank(before: last + 1), CaptionLexicon.isTarget(pieces.lower(last + 1)) { last += 1 }
        return last
    }
}
