// What the bfloat16 tests share: rounding written out in plain Swift, and one kernel run for both element types on the same numbers.
import CKernels
import Foundation

/// The bfloat16 nearest to `value` (ties to even; not a number stays so, made quiet), by the definition.
func nearestBFloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern, upper = UInt16(bits >> 16), lower = bits & 0xFFFF
    if value.isNaN { return upper | 0x40 }
    let up = lower > 0x8000 || (lower == 0x8000 && upper & 1 == 1)
    return up ? upper + 1 : upper
}

func float(_ half: UInt16) -> Float { Float(bitPattern: UInt32(half) << 16) }

/// The number of bfloat16 values between two.
func steps(_ a: UInt16, _ b: UInt16) -> Int {
    func place(_ half: UInt16) -> Int { half & 0x8000 != 0 ? -Int(half & 0x7FFF) : Int(half) }
    return abs(place(a) - place(b))
}

/// The same numbers in both element types.
struct Both {
    var float: [Float]
    var half: [UInt16]
}

extension Both {
    /// float32 written by the kernel of each type.
    struct Parameters {
        var float: [Float]
        var half: [Float]
        init(_ float: [Float], _ half: [Float]) { (self.float, self.half) = (float, half) }
    }

    static func parameters(_ count: Int) -> Parameters {
        Parameters([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
    }
}

/// The inputs and outputs of a kernel that is called for both element types.
struct TwoTypes {
    private var numbers: Numbers
    /// Activations and their gradients: the bfloat16 kernel stores the rounding of what the float32 kernel stores.
    private(set) var stored: [Both] = []
    /// Sums, statistics and parameter gradients of the float32 kernel and of the bfloat16 kernel: float32 in both.
    private(set) var sums: [(float: [Float], half: [Float])] = []

    init(_ seed: UInt64) { numbers = Numbers(seed) }

    /// Numbers that bfloat16 holds exactly.
    mutating func activations(_ count: Int, scale: Float = 1, around: Float = 0) -> Both {
        let half = numbers(count, scale: scale, around: around).map(nearestBFloat16)
        return Both(float: half.map(CKernelsTests.float), half: half)
    }

    mutating func parameters(_ count: Int, scale: Float = 1, around: Float = 0) -> [Float] { numbers(count, scale: scale, around: around) }

    mutating func keep(_ outputs: Both...) { stored += outputs }
    mutating func keep(sums float: [Float], _ half: [Float]) { sums.append((float, half)) }
}
