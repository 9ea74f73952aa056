// Sums of the loss terms over images, in the order of the steps. They give the means of an epoch and are part of a run's saved state.
import Networks

public struct LossSums: Codable, Sendable, Equatable {
    public private(set) var images = 0
    private var total = 0.0
    private var parts: [LossTerms.Part] = []

    public init() {}

    /// Adds the terms of a batch, which are means over its `count` images.
    public mutating func add(_ terms: LossTerms, count: Int) {
        let weight = Double(count)
        images += count
        total += weight * terms.total
        for part in terms.parts {
            if let place = parts.firstIndex(where: { $0.name == part.name }) {
                parts[place].value += weight * part.value
            } else {
                parts.append(LossTerms.Part(name: part.name, value: weight * part.value))
            }
        }
    }

    /// Means over the images added so far.
    public var means: LossTerms {
        guard images > 0 else { return LossTerms() }
        let weight = Double(images)
        return LossTerms(total: total / weight, parts: parts.map { LossTerms.Part(name: $0.name, value: $0.value / weight) })
    }

    private enum CodingKeys: String, CodingKey {
        case images, total, parts
        // For states saved before each loss named its own parts.
        case has, dice, spectral, entropy, crossEntropy
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        images = try container.decode(Int.self, forKey: .images)
        total = try container.decode(Double.self, forKey: .total)
        guard !container.contains(.parts) else {
            parts = try container.decode([LossTerms.Part].self, forKey: .parts)
            return
        }
        let has = try container.decode([Bool].self, forKey: .has)
        let old: [(key: CodingKeys, name: String)] = [
            (.dice, "dice"), (.spectral, "spectral"), (.entropy, "entropy"), (.crossEntropy, "bce"),
        ]
        for (part, isThere) in zip(old, has) where isThere {
            parts.append(LossTerms.Part(name: part.name, value: try container.decode(Double.self, forKey: part.key)))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(images, forKey: .images)
        try container.encode(total, forKey: .total)
        try container.encode(parts, forKey: .parts)
    }
}
