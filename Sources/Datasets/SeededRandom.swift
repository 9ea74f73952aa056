// The random numbers of this target: SplitMix64, the same on every machine and in every release.
// For splits and for the demo pictures. Not for cryptography, and not for the loader, which has its own.
// Invariant: `SeededRandom(seed:stream:)` gives a sequence that depends on the two numbers only.

package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator for one purpose: `stream` separates purposes that share a seed (an image index, "the split", ...).
    package init(seed: UInt64, stream: UInt64 = 0) {
        state = Self.mixed(seed) ^ Self.mixed(stream &+ 0x9E37_79B9_7F4A_7C15)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection that spreads every input bit over the output.
    package static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number in [0, 1), from the upper 53 bits.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number in the range, uniform.
    package mutating func number(in range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * unit()
    }

    /// An integer in 0 ..< count; `count` must be positive. The bias of the multiplication is below 2^-32 for the counts met here.
    package mutating func index(below count: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(max(count, 1))).high)
    }

    /// Fisher-Yates with this generator: written out because the order of the standard library's shuffle is not promised to stay.
    package mutating func shuffle<Element>(_ elements: inout [Element]) {
        for upper in stride(from: elements.count - 1, through: 1, by: -1) {
            elements.swapAt(upper, index(below: upper + 1))
        }
    }
}
