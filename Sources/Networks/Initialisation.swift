// The initial values of parameters when no weights are given: the published rules. Every value is a function of (seed, name, index), so
// that a model is the same on every machine, and adding a layer does not change the others.
import Foundation
import Randomness
import Tensors

enum Initialisation: Sendable, Equatable {
    case constant(Float)
    case normal(deviation: Float)
    /// U(-bound, bound).
    case uniform(bound: Float)
    /// The weight of the head's 3x3 convolution: He-normal filters, the same for all `repeats` sub-pixels of a channel (ICNR).
    case icnr(repeats: Int)
    /// A_log of the scan: log(1), ..., log(N) in every row.
    case logPositions
    /// dt_proj.bias: inverse softplus of exp(U(log 1e-3, log 1e-1)) clamped at 1e-4.
    case inverseSoftplusSteps

    /// PyTorch's default for linear and convolution layers, weights and biases alike: U(-fan^-1/2, fan^-1/2).
    static func fan(_ fanIn: Int) -> Initialisation { .uniform(bound: 1 / Float(fanIn).squareRoot()) }
    /// Xavier-uniform.
    static func xavier(_ fanIn: Int, _ fanOut: Int) -> Initialisation { .uniform(bound: (6 / Float(fanIn + fanOut)).squareRoot()) }

    /// Whether some of the values can be made without the others.
    var hasParts: Bool {
        switch self {
        case .constant, .normal, .uniform: true
        case .icnr, .logPositions, .inverseSoftplusSteps: false
        }
    }

    /// Values in file order.
    /// - Parameter part: a range of the values that begins at an even index, if the rule `hasParts`; nil for all.
    func values(for info: ParameterInfo, seed: UInt64, part: Range<Int>? = nil) -> [Float] {
        var random = ParameterRandom(name: info.name, seed: seed)
        let count = info.count, part = part ?? 0..<count
        precondition(hasParts || part == 0..<count, "a part of \(info.name)'s initial values")
        switch self {
        case .constant(let value): return [Float](repeating: value, count: part.count)
        case .normal(let deviation): return Self.inParallel(part, random) { deviation * $0.normal() }
        case .uniform(let bound): return Self.inParallel(part, random) { bound * (2 * Float($0.unit()) - 1) }
        case .icnr(let repeats):
            let filter = count / info.fileShape[0]
            // torch.nn.init.kaiming_normal_ with its default gain for leaky ReLU of slope 0.
            let deviation = (2 / Float(filter)).squareRoot()
            var result: [Float] = []
            result.reserveCapacity(count)
            for _ in 0..<(info.fileShape[0] / repeats) {
                let values = (0..<filter).map { _ in deviation * random.normal() }
                for _ in 0..<repeats { result += values }
            }
            return result
        case .logPositions:
            let states = info.fileShape[1]
            return (0..<count).map { Float(log(Double($0 % states + 1))) }
        case .inverseSoftplusSteps:
            return (0..<count).map { _ in
                let step = max(1e-4, exp(log(1e-3) + random.unit() * (log(1e-1) - log(1e-3))))
                return Float(step + log(-expm1(-step)))
            }
        }
    }
}

extension Initialisation {
    /// Numbers that each take one draw of `random`, made on all cores: the same as made one after the other.
    private static func inParallel(
        _ part: Range<Int>, _ random: ParameterRandom, _ next: @Sendable (inout ParameterRandom) -> Float
    ) -> [Float] {
        // Even, like the part's start, so that a pair of normal numbers is never split.
        let chunk = 1 << 16
        return [Float](unsafeUninitializedCapacity: part.count) { buffer, filled in
            nonisolated(unsafe) let values = buffer
            DispatchQueue.concurrentPerform(iterations: (part.count + chunk - 1) / chunk) { number in
                var random = random.skipping(part.lowerBound + number * chunk)
                for index in (number * chunk)..<min(part.count, (number + 1) * chunk) {
                    values.initializeElement(at: index, to: next(&random))
                }
            }
            filled = part.count
        }
    }
}

/// Random numbers of one parameter.
struct ParameterRandom {
    private var random: SplitMix64
    private var spare: Float?

    init(name: String, seed: UInt64) {
        // FNV-1a of the name.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        random = SplitMix64(state: SplitMix64.hash(hash ^ SplitMix64.hash(seed))).skipping(1)
    }

    /// The generator after the first `count` numbers.
    func skipping(_ count: Int) -> ParameterRandom {
        var later = self
        later.random = random.skipping(count)
        return later
    }

    /// Uniform in [0, 1).
    mutating func unit() -> Double { random.unit() }

    /// Standard normal, by Box and Muller.
    mutating func normal() -> Float {
        if let value = spare {
            spare = nil
            return value
        }
        let radius = (-2 * log(1 - unit())).squareRoot(), angle = 2 * Double.pi * unit()
        spare = Float(radius * sin(angle))
        return Float(radius * cos(angle))
    }
}
