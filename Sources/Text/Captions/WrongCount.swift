// Rewrites a caption so that it states another number of lesions: one becomes two, every other number becomes one. Positions and everything
// else stay, so the caption may contradict itself; that is the purpose.
// The counted noun takes the form that the captions of the set use with such a number ("two polyp" in Kvasir-SEG, "one infected areas" in
// MosMedData+), so that the number alone changes and no word appears that a network never saw. Without an example: the grammatical form.

/// How the captions of a set inflect the nouns that they count.
struct CountedNouns: Sendable {
    private struct Uses {
        /// How often in the plural, less how often in the singular.
        var ofOne = 0, ofMore = 0
    }

    private var uses: [String: Uses] = [:]

    init(of captions: some Sequence<String> = []) {
        for caption in captions {
            let pieces = CaptionPieces(caption)
            guard let count = CaptionCount.first(in: pieces), !count.isArticle else { continue }
            let noun = pieces.lower(count.noun)
            let step = NounNumber.isPlural(noun) ? 1 : -1
            switch count.amount {
            case .zero: break
            case .one: uses[NounNumber.singular(noun), default: Uses()].ofOne += step
            case .more: uses[NounNumber.singular(noun), default: Uses()].ofMore += step
            }
        }
    }

    func form(of noun: String, more: Bool) -> String {
        let singular = NounNumber.singular(noun)
        let isPlural =
            if let uses = uses[singular] { more ? uses.ofMore >= 0 : uses.ofOne > 0 } else { more }
        return isPlural ? NounNumber.plural(noun) : singular
    }
}

enum WrongCount {
    static func rewrite(_ caption: String, _ nouns: CountedNouns) -> VariedCaption {
        var pieces = CaptionPieces(caption)
        guard let count = CaptionCount.first(in: pieces) else { return VariedCaption(kept: caption, .noCount) }
        if count.amount == .zero { return VariedCaption(kept: caption, .countOfZero) }
        let more = count.amount == .one
        let noun = pieces.lower(count.noun), form = nouns.form(of: noun, more: more)
        if form != noun {
            pieces.replace(count.noun..<count.noun + 1, by: [form])
            agree(count.noun + 1, more, &pieces)
            if pieces.lower(count.phrase.lowerBound - 2) == "there" { agree(count.phrase.lowerBound - 1, more, &pieces) }
        }
        pieces.replace(count.phrase, by: [count.isDigits ? (more ? "2" : "1") : (more ? "two" : "one")])
        return VariedCaption(pieces.text)
    }

    private static let verbs = [("is", "are"), ("was", "were"), ("has", "have")]

    /// The verb beside a noun whose number changed.
    private static func agree(_ index: Int, _ more: Bool, _ pieces: inout CaptionPieces) {
        let word = pieces.lower(index)
        for (one, several) in verbs where word == (more ? one : several) { pieces.replace(index..<index + 1, by: [more ? several : one]) }
    }
}
