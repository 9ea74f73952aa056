// The only source of random numbers: SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014) and
// a shuffle. Not for cryptography. Dropout draws its numbers in the kernels, with the same finaliser.
// Invariant: a sequence depends on its keys only. It is the same on every machine and in every release (golden values in RandomnessTests).

public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The odd number nearest to 2^64 divided by the golden ratio; each draw adds it to the state.
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The published generator, started from a state.
    public init(state: UInt64) { self.state = state }

    /// A generator for one purpose: `stream` separates purposes that share a seed (an image index, "the split", ...).
    public init(seed: UInt64, stream: UInt64 = 0) {
        state = Self.mixed(seed) ^ Self.mixed(stream &+ Self.step)
    }

    /// A separate generator for every combination of keys, such as seed, epoch and sample.
    public init(keys: UInt64...) {
        state = 0
        for key in keys { state = Self.mixed(state ^ Self.mixed(key)) }
    }

    public mutating func next() -> UInt64 {
        state &+= Self.step
        return Self.mixed(state)
    }

    /// The generator after `count` draws.
    public func skipping(_ count: Int) -> SplitMix64 { SplitMix64(state: state &+ Self.step &* UInt64(count)) }

    /// The finaliser: a bijection that spreads every input bit over the output. It maps 0 to 0.
    public static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// The first number of the generator whose state is `value`: a hash that does not map 0 to 0.
    public static func hash(_ value: UInt64) -> UInt64 { mixed(value &+ step) }

    /// A uniform number in [0, 1), from the upper 53 bits.
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A uniform number in the range.
    public mutating func number(in range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * unit()
    }

    /// An integer in 0 ..< count; `count` must be positive. The bias of the multiplication is below 2^-32 for counts below 2^32.
    public mutating func index(below count: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(max(count, 1))).high)
    }

    /// Fisher-Yates shuffle with this generator, of the elements from `first` on. It is written out because the standard library does not
    /// promise that the order of its shuffle stays the same.
    public mutating func shuffle<Element>(_ elements: inout [Element], from first: Int = 0) {
        for upper in stride(from: elements.count - 1, through: first + 1, by: -1) {
            elements.swapAt(upper, first + index(below: upper - first + 1))
        }
    }

    /// The elements in random order.
    public mutating func shuffled<Elements: Sequence>(_ elements: Elements) -> [Elements.Element] {
        var result = Array(elements)
        shuffle(&result)
        return result
    }
}
