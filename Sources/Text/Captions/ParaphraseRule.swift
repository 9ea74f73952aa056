// The rules by which captions are said in other words. They are applied in this order, each at most once.
// Each rule returns nil where it has nothing to change, and changes every place that it applies to, so that a caption stays of one style.
// Rules that name a position apply to positions in the image or to lungs, not to both: "top left" is "upper left" in an image, but the
// middle of a lung is not its centre.

struct ParaphraseRule: Sendable {
    /// For tests and documentation.
    let name: String
    private let change: @Sendable (inout CaptionPieces) -> Void

    func apply(to pieces: CaptionPieces) -> CaptionPieces? {
        var changed = pieces
        change(&changed)
        return changed == pieces ? nil : changed
    }

    static let all: [ParaphraseRule] = [
        ParaphraseRule(name: "upper and lower", change: renameHeights),
        ParaphraseRule(name: "in the", change: shortenLocated),
        ParaphraseRule(name: "lung", change: renamePulmonary),
        ParaphraseRule(name: "clauses", change: exchangeClauses),
        // After the order of clauses: a digit cannot pass on the capital of a sentence's first word.
        ParaphraseRule(name: "number", change: exchangeDigits),
        ParaphraseRule(name: "middle", change: renameCenter),
        ParaphraseRule(name: "regions", change: { substitute(areas, in: &$0) }),
        ParaphraseRule(name: "side of the image", change: lengthenSide),
        ParaphraseRule(name: "left upper", change: exchangeHeightAndSide),
        ParaphraseRule(name: "order of lungs", change: exchangeLungs),
        ParaphraseRule(name: "size", change: renameSizes),
        ParaphraseRule(name: "shape", change: renameShapes),
        ParaphraseRule(name: "whole", change: renameAll),
        ParaphraseRule(name: "sided", change: { substitute(sided, in: &$0) }),
        ParaphraseRule(name: "picture", change: renameImage),
        ParaphraseRule(name: "single", change: renameOne),
    ]

    // MARK: Words

    private static let areas = ["areas": "regions", "area": "region", "regions": "areas", "region": "area"]
    private static let sided = ["bilateral": "two-sided", "unilateral": "one-sided"]

    private static func substitute(_ words: [String: String], in pieces: inout CaptionPieces) {
        for index in pieces.words.indices {
            if let other = words[pieces.lower(index)] { pieces.replace(index..<index + 1, by: [other]) }
        }
    }

    /// two and 2.
    private static func exchangeDigits(_ pieces: inout CaptionPieces) {
        guard let count = CaptionCount.first(in: pieces), count.phrase.count == 1, !count.isArticle else { return }
        let word = pieces.lower(count.phrase.lowerBound)
        if let value = CaptionLexicon.numbers[word] {
            pieces.replace(count.phrase, by: [String(value)])
        } else if let other = CaptionLexicon.numbers.first(where: { String($0.value) == word })?.key {
            pieces.replace(count.phrase, by: [other])
        }
    }

    private static func renamePulmonary(_ pieces: inout CaptionPieces) {
        for index in pieces.words.indices where ["infection", "infections"].contains(pieces.lower(index + 1)) {
            switch pieces.lower(index) {
            case "pulmonary": pieces.replace(index..<index + 1, by: ["lung"])
            case "lung" where !isPlace(index - 1, pieces): pieces.replace(index..<index + 1, by: ["pulmonary"])
            default: break
            }
        }
    }

    private static let sizes = ["small": "little", "medium": "medium-sized", "large": "big"]

    private static func renameSizes(_ pieces: inout CaptionPieces) {
        for index in pieces.words.indices where CaptionLexicon.kind(of: index, in: pieces) == .size {
            guard let other = sizes[pieces.lower(index)], isFree(index, pieces) else { continue }
            pieces.replace(index..<index + 1, by: [other])
        }
    }

    private static let shapes = ["circle": "circular", "round": "round-shaped", "oval": "oval-shaped", "triangular": "triangle-shaped"]

    private static func renameShapes(_ pieces: inout CaptionPieces) {
        // Before a polyp or lesion only: elsewhere a circle is a thing.
        for index in pieces.words.indices where CaptionLexicon.isTarget(pieces.lower(index + 1)) && isFree(index, pieces) {
            guard let other = shapes[pieces.lower(index)], pieces.isBlank(before: index + 1) else { continue }
            pieces.replace(index..<index + 1, by: [other])
        }
    }

    /// one polyp and a single polyp.
    private static func renameOne(_ pieces: inout CaptionPieces) {
        guard let count = CaptionCount.first(in: pieces), count.amount == .one, count.phrase.count == 1, !count.isArticle, !count.isDigits,
            pieces.lower(count.phrase.lowerBound) == "one", !NounNumber.isPlural(pieces.lower(count.noun))
        else { return }
        if count.phrase.lowerBound > 0, ["the", "a", "only"].contains(pieces.lower(count.phrase.lowerBound - 1)) { return }
        pieces.replace(count.phrase, by: ["a", "single"])
    }

    // MARK: Positions in the image

    private static func renameHeights(_ pieces: inout CaptionPieces) {
        guard namesImage(pieces) else { return }
        let others = ["top": "upper", "bottom": "lower", "upper": "top", "lower": "bottom"]
        for index in pieces.words.indices where ["left", "right"].contains(pieces.lower(index + 1)) && pieces.isBlank(before: index + 1) {
            if let other = others[pieces.lower(index)] { pieces.replace(index..<index + 1, by: [other]) }
        }
    }

    private static func renameCenter(_ pieces: inout CaptionPieces) {
        guard namesImage(pieces) else { return }
        for index in pieces.words.indices where ["center", "centre"].contains(pieces.lower(index)) && isFree(index, pieces) {
            pieces.replace(index..<index + 1, by: ["middle"])
        }
    }

    /// "located in top left" and "in the top left".
    private static func shortenLocated(_ pieces: inout CaptionPieces) {
        for index in pieces.words.indices.reversed() where pieces.matches(["located", "in"], at: index) {
            if isPlace(index + 2, pieces), pieces.isBlank(before: index + 2) { pieces.insert("the", at: index + 2) }
            pieces.replace(index..<index + 2, by: ["in"])
        }
    }

    /// "right of the image" and "right side of the image", which is also the reading of "located in right of the image".
    private static func lengthenSide(_ pieces: inout CaptionPieces) {
        for index in pieces.words.indices.reversed()
        where pieces.matches(["of", "the", "image"], at: index + 1) && pieces.isBlank(before: index + 1) {
            // In a list of places or after another place word, only the last would change.
            guard ["in", "the"].contains(pieces.lower(index - 1)), pieces.isBlank(before: index) else { continue }
            let others = [
                "left": ["left", "side"], "right": ["right", "side"], "top": ["upper", "part"], "bottom": ["lower", "part"],
            ]
            guard let other = others[pieces.lower(index)] else { continue }
            pieces.replace(index..<index + 1, by: pieces.lower(index - 1) == "in" ? ["the"] + other : other)
        }
    }

    private static func renameImage(_ pieces: inout CaptionPieces) {
        for index in pieces.words.indices where pieces.matches(["of", "the", "image"], at: index) {
            pieces.replace(index + 2..<index + 3, by: ["picture"])
        }
    }

    private static func namesImage(_ pieces: CaptionPieces) -> Bool {
        let words = pieces.words.indices.map(pieces.lower)
        return (words.contains("image") || words.contains("picture")) && !words.contains("lung") && !words.contains("lungs")
    }

    // MARK: Lungs

    private static let heights: Set<String> = ["upper", "middle", "lower"]

    /// "upper middle left lung" and "left upper middle lung".
    private static func exchangeHeightAndSide(_ pieces: inout CaptionPieces) {
        for side in pieces.words.indices
        where ["left", "right"].contains(pieces.lower(side)) && pieces.lower(side + 1) == "lung" && pieces.isBlank(before: side + 1) {
            var first = side
            while first > 0, heights.contains(pieces.lower(first - 1)), pieces.isBlank(before: first) { first -= 1 }
            guard first < side else { continue }
            pieces.replace(first..<side + 1, by: [pieces.lower(side)] + (first..<side).map(pieces.lower))
        }
    }

    /// "all left lung" and "the whole left lung".
    private static func renameAll(_ pieces: inout CaptionPieces) {
        for index in pieces.words.indices.reversed()
        where pieces.lower(index) == "all" && ["left", "right"].contains(pieces.lower(index + 1)) && pieces.lower(index + 2) == "lung" {
            pieces.replace(index..<index + 1, by: ["the", "whole"])
        }
    }

    /// "A lung and B lung" and "B lung and A lung".
    private static func exchangeLungs(_ pieces: inout CaptionPieces) {
        let ands = pieces.words.indices.filter { pieces.lower($0) == "and" }
        guard let and = ands.first, ands.count == 1, pieces.lower(and - 1) == "lung", pieces.isBlank(before: and),
            pieces.isBlank(before: and + 1)
        else { return }
        guard let end = (and + 1..<pieces.words.count).first(where: { pieces.lower($0) == "lung" }) else { return }
        var first = and - 1
        while first > 0, isPlace(first - 1, pieces), pieces.isBlank(before: first) { first -= 1 }
        let isSecond = (and + 1..<end).allSatisfy { isPlace($0, pieces) && pieces.isBlank(before: $0 + 1) }
        guard isSecond, end > and + 1, first < and - 1, end + 1 == pieces.words.count || !pieces.isBlank(before: end + 1) else { return }
        let one = Array(pieces.words[first..<and]), other = Array(pieces.words[and + 1...end])
        pieces.replace(first..<end + 1, by: other + ["and"] + one)
    }

    // MARK: Clauses

    /// "HEAD, located in PLACE of the image" and "located in PLACE of the image, HEAD"; "A, two infected areas, PLACE." and
    /// "A, PLACE, two infected areas."
    private static func exchangeClauses(_ pieces: inout CaptionPieces) {
        let words = pieces.words
        guard let start = words.first, !start.isEmpty else { return }
        if let place = words.indices.first(where: { $0 > 0 && pieces.gaps[$0] == ", " && beginsPlace($0, pieces) }),
            pieces.lower(words.count - 2) == "the", ["image", "picture"].contains(pieces.lower(words.count - 1)),
            pieces.gaps[words.count].allSatisfy({ $0 == "." })
        {
            rearrange(&pieces, [place..<words.count, 0..<place])
            return
        }
        let cuts = words.indices.filter { $0 > 0 && pieces.gaps[$0] == ", " }
        guard cuts.count == 2, let count = CaptionCount.first(in: pieces), count.amount != .zero, (cuts[0]..<cuts[1]).contains(count.noun),
            (cuts[1]..<words.count).contains(where: { CaptionLexicon.kind(of: $0, in: pieces) == .side }),
            (cuts[1]..<words.count).allSatisfy({ isPlace($0, pieces) || ["lung", "and", "the"].contains(pieces.lower($0)) })
        else { return }
        rearrange(&pieces, [0..<cuts[0], cuts[1]..<words.count, cuts[0]..<cuts[1]])
    }

    private static func beginsPlace(_ index: Int, _ pieces: CaptionPieces) -> Bool {
        pieces.matches(["located", "in"], at: index) || pieces.lower(index) == "in"
    }

    /// Puts clauses in another order, with commas between them; what precedes and follows all of them stays.
    private static func rearrange(_ pieces: inout CaptionPieces, _ order: [Range<Int>]) {
        let words = pieces.words, gaps = pieces.gaps
        var text = gaps[0]
        for (place, clause) in order.enumerated() {
            if place > 0 { text += ", " }
            for index in clause {
                if index > clause.lowerBound { text += gaps[index] }
                var word = words[index]
                // The first word of a sentence has its capital because it is the first.
                if place == 0, index == clause.lowerBound {
                    word = CaptionPieces.capitals(of: words[0], on: word)
                } else if index == 0, words[0] != words[0].uppercased() {
                    word = word.lowercased()
                }
                text += word
            }
        }
        pieces = CaptionPieces(text + gaps[words.count])
    }

    // MARK: -

    private static func isPlace(_ index: Int, _ pieces: CaptionPieces) -> Bool {
        guard pieces.words.indices.contains(index) else { return false }
        let kind = CaptionLexicon.kind(of: index, in: pieces)
        return kind == .side || kind == .place || pieces.lower(index) == "whole"
    }

    /// Whether the word is no part of a compound.
    private static func isFree(_ index: Int, _ pieces: CaptionPieces) -> Bool {
        pieces.gaps[index].last != "-" && pieces.gaps[index + 1].first != "-"
    }
}
