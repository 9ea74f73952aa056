// One mask file as MaskDecision sees it: its census, what its values suggest, and what a rule makes of them.
import Imaging

package struct MaskFile: Sendable {
    /// Number of the sample that it belongs to.
    package let sample: Int
    package let id: String
    package let path: String
    package let census: MaskCensus

    package init(sample: Int, id: String, path: String, census: MaskCensus) {
        (self.sample, self.id, self.path, self.census) = (sample, id, path, census)
    }

    var bits: Int { census.bits }
    var maximum: Int { (1 << census.bits) - 1 }
    var opinion: MaskOpinion { MaskOpinion(census) }

    /// Bits of a channel of the census's colours: those of a palette have 8.
    var colourBits: Int { census.plane == .indexes ? 8 : bits }

    /// Whether its colours have 8 bits of precision, so that nothing is lost at that depth.
    var hasEightBitColours: Bool {
        colourBits <= 8 || census.colours.allSatisfy { [$0.colour.red, $0.colour.green, $0.colour.blue].allSatisfy { $0 % 257 == 0 } }
    }

    /// A value of the file under a rule's plane.
    struct Seen {
        let value: Int
        let bits: Int
        let count: Int
        /// In the file's own plane.
        let own: Int
    }

    /// The file's values as a rule that looks at `plane` sees them; nil if the file has no such plane. Not for colours.
    func seen(_ plane: MaskRule.Plane) -> [Seen]? {
        if census.plane == .colours { return nil }
        if (plane == .alpha) != (census.plane == .alpha) {
            guard plane == .alpha, let alpha = census.constantAlpha else { return nil }
            return [Seen(value: alpha, bits: bits, count: census.pixels, own: census.values.first?.value ?? 0)]
        }
        if plane == .values, census.plane == .indexes {
            guard census.colours.allSatisfy({ $0.colour.spread <= Mask.channelTolerance }) else { return nil }
            return zip(census.values, census.colours).map { Seen(value: $1.colour.grey, bits: 8, count: $0.count, own: $0.value) }
        }
        return census.values.map { Seen(value: $0.value, bits: bits, count: $0.count, own: $0.value) }
    }

    /// Foreground pixels under a rule, estimated from the census; nil if the rule cannot be applied.
    func foreground(_ reading: MaskReading) -> Int? {
        guard let rule = reading.rule else {
            return seenByThreshold()?.reduce(0) { $0 + ($1.value >= Int(reading.threshold) ? $1.count : 0) }
        }
        if rule.plane == .colours {
            return census.colours.reduce(0) {
                $0 + (rule.isForeground(rule.colourBits == nil ? $1.colour : $1.colour.eightBit(from: colourBits)) ? $1.count : 0)
            }
        }
        return seen(rule.plane)?.reduce(0) { $0 + (rule.isForeground($1.value, bits: $1.bits) ? $1.count : 0) }
    }

    /// The values at 8 bits, as decoding for a threshold gives them.
    func seenByThreshold() -> [Seen]? {
        if census.plane == .alpha {
            return census.colours.first.map {
                [Seen(value: Self.byte($0.colour.grey, bits), bits: 8, count: census.pixels, own: census.values.first?.value ?? 0)]
            }
        }
        return seen(.values)?.map { Seen(value: Self.byte($0.value, $0.bits), bits: 8, count: $0.count, own: $0.own) }
    }

    private static func byte(_ value: Int, _ bits: Int) -> Int {
        bits < 8 ? value * 255 / ((1 << bits) - 1) : value >> (bits - 8)
    }

    /// Whether pixels cover the whole file.
    func isFull(_ foreground: Int) -> Bool {
        foreground >= (census.plane == .colours ? census.colours.reduce(0) { $0 + $1.count } : census.pixels)
    }

    /// "0, 1 and 255", the first of many.
    var valuesText: String {
        if census.plane == .colours { return Words.list(census.colours.map(\.colour).sorted().map(\.text), limit: 6) }
        return Words.list(census.values.map { "\($0.value)" }, limit: 6)
    }

    /// "values 0 and 1", "palette indexes 0 and 1".
    var contentText: String {
        switch census.plane {
        case .values: (census.values.count == 1 ? "value " : "values ") + valuesText
        case .indexes:
            (census.values.count == 1 ? "palette index " : "palette indexes ")
                + Words.list(zip(census.values, census.colours).map { "\($0.value) (\($1.colour.text))" }, limit: 6)
        case .alpha: "alpha values " + valuesText
        case .colours: "colours " + valuesText
        }
    }
}

/// Lists in sentences.
enum Words {
    static func list(_ words: [String], limit: Int) -> String {
        if words.count > limit { return words.prefix(limit).joined(separator: ", ") + " and \(words.count - limit) more" }
        guard let last = words.last, words.count > 1 else { return words.first ?? "nothing" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }

    static func files(_ count: Int) -> String { "\(count) file\(count == 1 ? "" : "s")" }
}
