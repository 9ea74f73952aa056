// The numbers that Scripts/golden/drawn.py draws, and golden files of statistics. Invariant: both sides draw the same numbers, which the
// tests check on stored first values.
import Foundation
import Randomness
import TestSupport
import Testing

enum StatisticsGolden {
    static func data(_ name: String) throws -> Data {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Golden"))
        return try Data(contentsOf: url)
    }

    /// Decodes a file, and fails if it holds keys that the type does not read.
    static func read<Golden: Codable>(_ name: String, as type: Golden.Type) throws -> Golden {
        let data = try data(name)
        let unread = try unreadKeys(of: data, by: type)
        #expect(unread == [], "\(name).json holds values that no test reads")
        return try JSONDecoder().decode(type, from: data)
    }
}

/// An image of drawn.pixels.
struct DrawnPixels {
    var logits: [Float] = [], truth: [UInt8] = []

    init() {}

    init(image: Int, count: Int = 1024) {
        var random = SplitMix64(keys: 0xCA11, UInt64(image))
        for _ in 0..<count {
            let a = random.unit(), b = random.unit(), c = random.unit(), d = random.unit()
            let z = 12 * (a + b + c - 1.5) - 2
            let logit = Float(b < 0.25 ? (2 * z).rounded(.down) / 2 : z)
            let y = 0.4 * Double(logit) + 0.3
            logits.append(logit)
            truth.append(d < 0.5 + 0.5 * y / (1 + abs(y)) ? 1 : 0)
        }
    }

    var probabilities: [Float] { logits.map { Float(1 / (1 + exp(-Double($0)))) } }

    static func images(_ range: Range<Int>) -> [DrawnPixels] { range.map { DrawnPixels(image: $0) } }

    static func joined(_ images: some Sequence<DrawnPixels>) -> DrawnPixels {
        var all = DrawnPixels()
        for image in images {
            all.logits += image.logits
            all.truth += image.truth
        }
        return all
    }
}

/// Whether two numbers differ by less than a tolerance.
func isNear(_ value: Double?, _ wanted: Double?, _ tolerance: Double = 1e-9) -> Bool {
    guard let value, let wanted else { return value == nil && wanted == nil }
    return abs(value - wanted) <= tolerance
}
