// Left and right exchanged by the rule for flipped images (MirroredCaption). A caption that says the same of both sides ("all left lung and
// all right lung") stays as written: the exchange would alter the order of its words and not what it says.

enum MirroredVariant {
    static func rewrite(_ caption: String) -> VariedCaption {
        guard case .caption(let mirrored) = MirroredCaption.rewrite(caption, Mirroring(horizontal: true, vertical: false)) else {
            return VariedCaption(kept: caption, .sideInDoubt)
        }
        if mirrored == caption { return VariedCaption(kept: caption, .noSide) }
        if let places = placeList(caption), places == placeList(mirrored) { return VariedCaption(kept: caption, .sidesAlike) }
        return VariedCaption(mirrored)
    }

    /// Words that may be between two places of a list.
    private static let between: Set<String> = ["and", "or", "lung", "lungs", "lobe", "field", "zone", "part", "side", "the", "of", "in"]

    /// The places of a plain list, sorted: "left all", "all right". Nil if other words are among them, which may say more of one place.
    private static func placeList(_ caption: String) -> [[String]]? {
        let pieces = CaptionPieces(caption)
        let kinds = pieces.words.indices.map { CaptionLexicon.kind(of: $0, in: pieces) }
        guard var first = kinds.firstIndex(of: .side), var last = kinds.lastIndex(of: .side) else { return nil }
        while first > 0, kinds[first - 1] == .place, pieces.isBlank(before: first) { first -= 1 }
        while last + 1 < kinds.count, kinds[last + 1] == .place { last += 1 }
        var places: [[String]] = [[]]
        for index in first...last {
            let word = pieces.lower(index), isPlace = kinds[index] == .side || kinds[index] == .place
            if !isPlace && !between.contains(word) { return nil }
            if !isPlace || !pieces.isBlank(before: index) { places.append([]) }
            if isPlace { places[places.count - 1].append(word) }
        }
        return places.filter { !$0.isEmpty }.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
