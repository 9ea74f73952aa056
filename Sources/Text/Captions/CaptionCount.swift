// Finds the number of lesions that a caption states: "two small white polyps", "3 infected areas", "multiple nodules", "a polyp".
// Invariant: a number that measures ("5 mm", "3 o'clock"), that is a share ("one third") or that belongs to a compound ("one-sided",
// "COVID-19") is no count.

struct CaptionCount: Equatable {
    enum Amount: Equatable { case zero, one, more }

    /// The words that state it: "two", "a few".
    let phrase: Range<Int>
    let amount: Amount
    /// Whether it is in digits.
    let isDigits: Bool
    /// Whether it is only the article of a singular noun.
    let isArticle: Bool
    /// The word that is counted.
    let noun: Int

    private static let phrases: [([String], Amount)] = [
        (["a", "few"], .more), (["a", "couple", "of"], .more), (["a", "pair", "of"], .more), (["a", "number", "of"], .more),
        (["a", "lot", "of"], .more), (["a", "single"], .one), (["a", "solitary"], .one), (["only", "one"], .one),
    ]

    /// The first count; an article only if there is no number. Nil if the caption states none.
    static func first(in pieces: CaptionPieces) -> CaptionCount? {
        for index in pieces.words.indices {
            if let count = number(at: index, pieces) { return count }
        }
        for index in pieces.words.indices {
            if let count = article(at: index, pieces) { return count }
        }
        return nil
    }

    private static func number(at index: Int, _ pieces: CaptionPieces) -> CaptionCount? {
        for (phrase, amount) in phrases where pieces.matches(phrase, at: index) {
            let range = index..<index + phrase.count
            guard let noun = noun(after: range.upperBound, pieces) else { continue }
            return CaptionCount(phrase: range, amount: amount, isDigits: false, isArticle: false, noun: noun)
        }
        guard standsAlone(index, pieces) else { return nil }
        let word = pieces.lower(index)
        let isDigits = !word.isEmpty && word.utf8.count < 4 && word.utf8.allSatisfy { $0 >= 48 && $0 <= 57 }
        let amount: Amount
        if let value = isDigits ? Int(word) : CaptionLexicon.numbers[word] {
            amount = value == 0 ? .zero : value == 1 ? .one : .more
        } else if CaptionLexicon.vagueNumbers.contains(word) {
            amount = .more
        } else if CaptionLexicon.single.contains(word) {
            amount = .one
        } else if word == "no" {
            amount = .zero
        } else {
            return nil
        }
        let next = pieces.lower(index + 1)
        guard !CaptionLexicon.measures.contains(next), !CaptionLexicon.notCounted.contains(next),
            let noun = noun(after: index + 1, pieces)
        else { return nil }
        // Digits and "no" have many other uses, so they count only what is known to be a lesion.
        if isDigits || word == "no", !CaptionLexicon.isCountable(pieces.lower(noun)) { return nil }
        return CaptionCount(phrase: index..<index + 1, amount: amount, isDigits: isDigits, isArticle: false, noun: noun)
    }

    private static func article(at index: Int, _ pieces: CaptionPieces) -> CaptionCount? {
        guard ["a", "an"].contains(pieces.lower(index)), standsAlone(index, pieces) else { return nil }
        // "which is a lesion" describes; "there is a lesion" counts.
        if ["is", "was", "of", "as"].contains(pieces.lower(index - 1)), pieces.lower(index - 2) != "there" { return nil }
        guard let noun = noun(after: index + 1, pieces), CaptionLexicon.isCountable(pieces.lower(noun)) else { return nil }
        guard !NounNumber.isPlural(pieces.lower(noun)) else { return nil }
        return CaptionCount(phrase: index..<index + 1, amount: .one, isDigits: false, isArticle: true, noun: noun)
    }

    private static func standsAlone(_ index: Int, _ pieces: CaptionPieces) -> Bool {
        let before = pieces.gaps[index].last, after = pieces.gaps[index + 1].first
        return !["-", "/", "#", "+"].contains(before) && !["-", "/", "%", "+"].contains(after)
    }

    /// The noun of the phrase that begins at `start`: the known one, else the last word of the phrase.
    private static func noun(after start: Int, _ pieces: CaptionPieces) -> Int? {
        var last: Int?
        var onlyAdjectives = true
        for index in start..<min(start + 8, pieces.words.count) {
            let word = pieces.lower(index)
            if index > start, !pieces.isBlank(before: index), pieces.gaps[index] != "-" {
                // "two small, medium white round polyps" is one phrase.
                guard pieces.gaps[index].allSatisfy({ $0 == "," || $0.isWhitespace }), onlyAdjectives else { break }
            }
            if CaptionLexicon.isCountable(word) {
                // "tumor nodules": the last of several nouns is counted.
                var noun = index
                while pieces.isBlank(before: noun + 1), CaptionLexicon.isCountable(pieces.lower(noun + 1)) { noun += 1 }
                return noun
            }
            // "one small white a circle polyp", "it is round polyp": MedVLSM's captions hold answers of another network.
            if CaptionLexicon.phraseEnds.contains(word), !isInsertion(index, pieces) { break }
            switch CaptionLexicon.kind(of: index, in: pieces) {
            case .size, .shape, .colour: break
            default: onlyAdjectives = false
            }
            last = index
        }
        return last
    }

    /// "a", "it is", "it is a" and "middle of" within a noun phrase, and "visible" before its noun.
    private static func isInsertion(_ index: Int, _ pieces: CaptionPieces) -> Bool {
        switch pieces.lower(index) {
        case "visible": CaptionLexicon.isCountable(pieces.lower(index + 1))
        case "a", "an": CaptionLexicon.kind(of: index + 1, in: pieces) != .other
        case "it": pieces.lower(index + 1) == "is"
        case "is": pieces.lower(index - 1) == "it"
        case "of": pieces.lower(index - 1) == "middle"
        default: false
        }
    }
}
