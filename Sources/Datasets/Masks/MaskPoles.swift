// What the values of masks suggest: background and foreground around two poles, several labels, or nothing. Not for comparing files
// (MaskDecision). Invariant: a pure function of the tally; integers only, so that it is the same everywhere.
import Imaging

/// The values of background and foreground.
struct MaskPoles: Equatable {
    let low: Int, high: Int
    /// There are these two values and no others.
    let isExact: Bool
    /// No region has the high value: the foreground is thin, and a whole mask might hold higher ones.
    var isWeak = false

    /// The first value that is nearer to the high pole.
    var threshold: Int { (low + high + 1) / 2 }

    /// Whether the poles are black and white of samples up to `maximum`, apart from noise.
    func isWhole(_ maximum: Int) -> Bool { low <= maximum / 16 && high >= maximum - maximum / 16 }

    func isNear(_ other: MaskPoles) -> Bool {
        let allowed = (high - low) / 8
        return abs(low - other.low) <= allowed && abs(high - other.high) <= allowed
    }
}

enum MaskOpinion: Equatable {
    /// One value, or noise around one.
    case none
    case poles(MaskPoles)
    case labels
    case colours
    case picture

    init(_ census: MaskCensus) {
        if census.plane == .colours {
            self = census.isPicture ? .picture : .colours
        } else if census.plane == .indexes {
            self = Self.ofIndexes(census.values.map(\.value))
        } else {
            self = Self.of(census.values, isNoisy: census.isNoisy, bits: census.bits, pixels: census.pixels)
        }
    }

    private static func ofIndexes(_ indexes: [Int]) -> MaskOpinion {
        guard indexes.count > 1 else { return .none }
        return indexes.count == 2 && indexes[0] == 0 ? .poles(MaskPoles(low: 0, high: indexes[1], isExact: true)) : .labels
    }

    static func of(_ values: [MaskCensus.Value], isNoisy: Bool, bits: Int, pixels: Int) -> MaskOpinion {
        guard let first = values.first, let last = values.last, values.count > 1 else { return .none }
        let range = last.value - first.value
        func isMiddle(_ value: MaskCensus.Value) -> Bool { value.value - first.value > range / 8 && last.value - value.value > range / 8 }
        let middle = values.filter(isMiddle)
        if isNoisy {
            if range < 16 {
                let isPair = values.count == 2 && values.allSatisfy { $0.interior >= 9 }
                return isPair ? .poles(MaskPoles(low: first.value, high: last.value, isExact: true)) : .none
            }
            // Compression may overshoot the poles, so what is far from both counts, not what lies between the outermost values.
            let poles = noisyPoles(values, bits: bits), allowed = (poles.high - poles.low) / 8
            let far = values.filter { abs($0.value - poles.low) > allowed && abs($0.value - poles.high) > allowed }
            let flat = far.reduce(0) { $0 + $1.interior }, count = far.reduce(0) { $0 + $1.count }
            // The values of a grey image can be anywhere; noise and soft edges of a mask are near its poles.
            if count * 3 > pixels { return .labels }
            return flat >= max(9, pixels / 1000) && flat * 50 >= count ? .labels : .poles(poles)
        }
        if values.count == 2 { return .poles(MaskPoles(low: first.value, high: last.value, isExact: true)) }
        // With so few levels it is not a smooth edge.
        if range < 16 { return .labels }
        let near = values.dropFirst().dropLast().filter { !isMiddle($0) }
        let isLabel =
            middle.contains { $0.between * 2 <= $0.count || $0.interior * 8 > $0.count } || near.contains { $0.interior * 4 >= $0.count }
            || middle.reduce(0) { $0 + $1.count } > first.interior + last.interior
        return isLabel ? .labels : .poles(MaskPoles(low: first.value, high: last.value, isExact: false, isWeak: last.interior == 0))
    }

    /// The most frequent values of flat regions in the lower and in the upper half.
    static func noisyPoles(_ values: [MaskCensus.Value], bits: Int) -> MaskPoles {
        guard let first = values.first?.value, let last = values.last?.value else {
            return MaskPoles(low: 0, high: 1, isExact: false, isWeak: true)
        }
        let range = last - first, maximum = (1 << bits) - 1
        func mode(_ part: [MaskCensus.Value]) -> MaskCensus.Value? {
            part.max { ($0.interior, $0.count, $1.value) < ($1.interior, $1.count, $0.value) }
        }
        let low = mode(values.filter { $0.value - first < range / 2 }), upper = values.filter { $0.value - first >= range / 2 }
        // Thin structures have no flat region. If the outermost value is white, it is their value; otherwise compression may have overshot.
        let isWhite = last >= maximum - maximum / 16
        let high = upper.contains { $0.interior > 0 } || !isWhite ? mode(upper) : upper.last
        let poles = MaskPoles(
            low: low?.value ?? first, high: high?.value ?? last, isExact: false, isWeak: high?.interior == 0)
        // Values near black and white are noise around them.
        return poles.isWhole(maximum) ? MaskPoles(low: 0, high: maximum, isExact: false, isWeak: poles.isWeak) : poles
    }
}
