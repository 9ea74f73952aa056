// What the kernel tests share: reproducible inputs, and running on one instruction set with a number of threads.
import CKernels

/// Reproducible numbers in -1 ... 1, scaled.
struct Numbers {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int64(bitPattern: state) >> 40) * 0x1p-23
    }

    mutating func callAsFunction(_ count: Int, scale: Float = 1, around: Float = 0) -> [Float] {
        (0..<count).map { _ in around + scale * next() }
    }
}

/// Runs `body` on one instruction set with a number of threads, then puts both back; nil where this processor lacks the set.
func on<Result>(_ set: String, threads: Int32 = 1, _ body: () -> Result) -> Result? {
    let before = String(cString: vlseg_instruction_set()), threadsBefore = vlseg_threads()
    guard vlseg_select_instruction_set(set) == 0 else { return nil }
    vlseg_set_threads(threads)
    defer {
        _ = vlseg_select_instruction_set(before)
        vlseg_set_threads(threadsBefore)
    }
    return body()
}

let instructionSets = ["portable", "avx2", "avx512"]
