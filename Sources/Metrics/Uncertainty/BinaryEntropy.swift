// The entropy of a binary probability, in nats. Invariant: 0 at p = 0 and p = 1, ln 2 at 0.5, and accurate to 2e-6 of its value however
// near to 0 or 1 the probability is.
import Foundation

public enum BinaryEntropy {
    /// ln 2, the largest entropy: divide by it for a value from 0 to 1.
    public static let maximum: Float = 0.6931472

    /// -p ln p - (1 - p) ln (1 - p), in nats. Values outside [0, 1] are clamped; what is no number counts as 0.
    public static func nats(_ probability: Float) -> Float {
        let p = min(1, max(0, probability))
        let m = p < 0.5 ? p : 1 - p
        guard m > 0 else { return 0 }
        // Near 0, 1 - m loses what m's digits say, so that term is taken from its series there.
        let other = m < 0x1p-6 ? m * (1 - m * (1 / 2 + m * (1 / 6 + m * (1 / 12 + m / 20)))) : -(1 - m) * log(1 - m)
        return other - m * log(m)
    }

    /// The same in Float64, for means of probabilities.
    static func nats(_ probability: Double) -> Double {
        let p = min(1, max(0, probability)), m = min(p, 1 - p)
        return m > 0 ? -m * log(m) - (1 - m) * log1p(-m) : 0
    }

    /// The entropy of each probability, in nats.
    public static func nats(of probabilities: [Float]) -> [Float] { probabilities.map { nats($0) } }

    /// Entropies divided by ln 2: 0 to 1.
    public static func normalised(_ entropies: [Float]) -> [Float] { entropies.map { min(1, $0 / maximum) } }
}
