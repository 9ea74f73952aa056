// The English words that the rules of this folder know, from the captions of Kvasir-SEG (MedVLSM), QaTa-COV19 and MosMedData+ (LViT) and
// MoNuSeg, with the usual words of other lesions. All in lower case.
// Not for left and right as such: SideWords knows those.

enum CaptionLexicon {
    static let numbers: [String: Int] = [
        "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
        "eleven": 11, "twelve": 12,
    ]
    /// Numbers that are not said exactly.
    static let vagueNumbers: Set<String> = ["multiple", "many", "several", "numerous", "various", "few"]
    static let single: Set<String> = ["single", "solitary"]

    static let places: Set<String> = [
        "center", "centre", "central", "centrally", "middle", "mid", "corner", "periphery", "peripheral", "peripherally", "all", "whole",
        "entire", "both", "bilateral", "bilaterally", "unilateral", "unilaterally",
    ]
    static let sizes: Set<String> = ["small", "medium", "large", "tiny", "little", "big", "huge", "sized", "size"]
    static let shapes: Set<String> = [
        "round", "rounded", "circle", "circular", "oval", "ovoid", "elliptical", "triangle", "triangular", "rectangle", "rectangular",
        "square", "semicircle", "semicircular", "irregular", "flat", "elongated", "shape", "shaped", "donut",
    ]
    /// Things whose shape a polyp of Kvasir-SEG is said to have ("kidney polyp"). Elsewhere these words name organs.
    static let shapeComparisons: Set<String> = ["heart", "kidney", "thumb", "toe", "nail", "ear", "mouth", "bone"]
    static let colours: Set<String> = [
        "white", "whitish", "yellow", "yellowish", "brown", "brownish", "pink", "pinkish", "orange", "tan", "red", "reddish", "black",
        "gray", "grey", "peach", "purple", "blue", "dark", "pale", "bright",
    ]
    /// After these, small and large are part of an organ's name.
    static let organsWithSize: Set<String> = [
        "bowel", "intestine", "intestines", "colon", "airway", "airways", "vessel", "vessels", "cell",
    ]

    /// Nouns for what is segmented, in the singular.
    static let targets: Set<String> = [
        "polyp", "lesion", "nodule", "tumor", "tumour", "mass", "infection", "opacity", "consolidation", "infiltrate", "pneumonia",
        "effusion", "cyst", "ulcer", "cancer", "carcinoma", "adenoma", "melanoma", "nevus", "metastasis", "hemorrhage", "haemorrhage",
        "focus", "nucleus", "cell", "gland", "abscess", "hematoma", "stone", "calcification",
    ]
    /// Nouns that name the target only where no other does.
    static let vagueTargets: Set<String> = ["area", "region", "spot", "patch", "site", "zone", "finding"]

    /// Words that end a noun phrase.
    static let phraseEnds: Set<String> = [
        "a", "an", "the", "of", "in", "on", "at", "to", "by", "from", "near", "with", "within", "without", "over", "under", "and", "or",
        "but", "is", "are", "was", "were", "has", "have", "be", "it", "its", "which", "that", "who", "there", "this", "these", "located",
        "situated", "found", "seen", "visible", "present", "affecting", "involving", "occupying", "shows", "showing",
    ]
    static let measures: Set<String> = [
        "mm", "cm", "m", "um", "millimeter", "millimeters", "millimetre", "millimetres", "centimeter", "centimeters", "centimetre",
        "centimetres", "percent", "degree", "degrees", "pixel", "pixels",
    ]
    /// A number before one of these, or before a measure, counts no lesions.
    static let notCounted: Set<String> = [
        "o'clock", "o\u{2019}clock", "third", "thirds", "half", "halves", "quarter", "quarters", "fifth", "fifths", "of", "times", "year",
        "years", "day", "days", "hour", "hours", "lung", "lungs", "lobe", "lobes", "side", "sides", "part", "parts", "image", "images",
        "slice", "slices",
    ]

    static func isTarget(_ word: String) -> Bool { targets.contains(NounNumber.singular(word)) }
    static func isCountable(_ word: String) -> Bool {
        let singular = NounNumber.singular(word)
        return targets.contains(singular) || vagueTargets.contains(singular)
    }

    static func kind(of index: Int, in pieces: CaptionPieces) -> CaptionWordKind {
        let word = pieces.lower(index)
        if numbers[word] != nil || vagueNumbers.contains(word) || single.contains(word) || word == "no" { return .number }
        if word.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) { return .number }
        if sizes.contains(word) { return organsWithSize.contains(pieces.lower(index + 1)) ? .other : .size }
        if shapes.contains(word) || isComparison(index, in: pieces) { return .shape }
        if colours.contains(word) { return .colour }
        if SideWords.horizontal.names(word) { return .side }
        if places.contains(word) || SideWords.vertical.names(word) { return .place }
        return .other
    }

    private static func isComparison(_ index: Int, in pieces: CaptionPieces) -> Bool {
        guard shapeComparisons.contains(pieces.lower(index)) else { return false }
        let next = pieces.lower(index + 1)
        return ["polyp", "polyps", "shape", "shaped"].contains(next)
    }
}
