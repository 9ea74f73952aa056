// Several masks of one image, recognised by their names: "x_mask.png" and "x_mask_1.png", "x_mask1.png", "x_1_mask.png", "x_mask_b.png".
// Not for finding how the first mask is named (PairingRule). Invariant: a name belongs to at most one image, the one with the longest id
// that fits.

/// A mask's name taken apart: the id, and which of the image's masks it is.
struct NumberedMask: Equatable {
    let id: String
    /// Letters count from a = 1.
    let number: Int
    /// The number follows the word for a mask (x_mask_1), so it cannot be part of an image's name.
    let isCertain: Bool

    /// Every way in which `stem` may be a numbered mask under a rule's affixes, longest id first.
    static func readings(of stem: String, _ mask: Affixes) -> [NumberedMask] {
        let hasWord = !mask.suffix.isEmpty
        var found: [NumberedMask] = []
        // The number at the very end: x_mask_1, mask_x_1.
        for (base, number) in cuts(of: stem, loosely: hasWord, letters: hasWord) {
            if let id = mask.id(of: base) { found.append(NumberedMask(id: id, number: number, isCertain: hasWord)) }
        }
        // The number after the id: x_1_mask.
        if hasWord, let inner = mask.id(of: stem) {
            found += cuts(of: inner, loosely: false, letters: false).map { NumberedMask(id: $0.base, number: $0.number, isCertain: false) }
        }
        return found.sorted { $0.id.count > $1.id.count }
    }

    /// The part before a number at the end: "x_1", "x-2", "x 3", "x (4)", "x_b"; if not strict, also "x1".
    private static func cuts(of stem: String, loosely: Bool, letters: Bool) -> [(base: String, number: Int)] {
        var view = Substring(stem), number: Int?
        let closes = view.last == ")"
        if closes { view.removeLast() }
        let digits = view.reversed().prefix { $0.isASCII && $0.isNumber }.count
        if (1...4).contains(digits) {
            number = Int(view.suffix(digits))
            view.removeLast(digits)
        } else if letters, !closes, let last = view.last?.lowercased().unicodeScalars.first, ("a"..."z").contains(last) {
            let rest = view.dropLast()
            guard let before = rest.last, "_- ".contains(before) else { return [] }
            number = Int(last.value) - 96
            view = rest
        }
        guard let number else { return [] }
        if closes {
            guard view.last == "(" else { return [] }
            view.removeLast()
            if let last = view.last, "_- ".contains(last) { view.removeLast() }
        } else if let last = view.last, "_-. ".contains(last) {
            view.removeLast()
        } else if !loosely {
            return []
        }
        return view.isEmpty ? [] : [(String(view), number)]
    }
}

/// The masks of a folder that are further masks of its images.
struct FurtherMasks {
    /// By image's id: names in the order of their numbers.
    private(set) var names: [String: [String]] = [:]

    /// - Parameters:
    ///   - names: mask files that are not the first mask of any image.
    ///   - rules: how first masks are named.
    ///   - ids: ids of the images; `hasFirst` are those that have a first mask.
    init(_ names: [String], rules: [Affixes], ids: Set<String>, hasFirst: Set<String>) {
        // If images are named x and x_1, a mask x_1 without an image is a mask without an image, not a further mask of x.
        let imagesAreNumbered = ids.contains { id in NumberedMask.readings(of: id, .none).contains { ids.contains($0.id) } }
        let lower = Dictionary(ids.map { ($0.lowercased(), $0) }, uniquingKeysWith: min)
        var found: [String: [(reading: NumberedMask, name: String)]] = [:]
        for name in names.sorted() {
            let stem = FileName.stem(name)
            var best: NumberedMask?
            for rule in rules {
                for reading in NumberedMask.readings(of: stem, rule) where reading.isCertain || !imagesAreNumbered {
                    guard let id = ids.contains(reading.id) ? reading.id : lower[reading.id.lowercased()] else { continue }
                    if id.count > best?.id.count ?? -1 { best = NumberedMask(id: id, number: reading.number, isCertain: reading.isCertain) }
                }
            }
            if let best { found[best.id, default: []].append((best, name)) }
        }
        for (id, masks) in found {
            // Other numbers are weak evidence: they must count up from the first one without a gap.
            let numbers = masks.filter { !$0.reading.isCertain }.map(\.reading.number).sorted(), first = numbers.first ?? 0
            let isSeries = first <= (hasFirst.contains(id) ? 2 : 1) && numbers == Array(first..<first + numbers.count)
            let good = masks.filter { $0.reading.isCertain || isSeries }
            if !good.isEmpty { self.names[id] = good.sorted { ($0.reading.number, $0.name) < ($1.reading.number, $1.name) }.map(\.name) }
        }
    }

}

/// The images of a folder by id, to find the image whose id a file name begins with.
struct ImageIDs {
    let ids: Set<String>
    private let lower: [String: String]

    init(_ ids: Set<String>) {
        self.ids = ids
        lower = Dictionary(ids.map { ($0.lowercased(), $0) }, uniquingKeysWith: min)
    }

    static let none = ImageIDs([])

    /// The id as the image spells it, whatever the capitals.
    func id(_ name: String) -> String? { ids.contains(name) ? name : lower[name.lowercased()] }

    /// The image whose id a mask's name begins with, where the id ends there: "a1_x" begins with a1, not with a; "a10" not with a1.
    func owner(of stem: String) -> String? {
        var view = stem[...], best: String?
        while let last = view.last {
            let before = view.dropLast()
            if let previous = before.last,
                previous.isLetter != last.isLetter || previous.isNumber != last.isNumber || !(last.isLetter || last.isNumber),
                let id = id(String(before))
            {
                best = id
                break
            }
            view = before
        }
        return best
    }
}
