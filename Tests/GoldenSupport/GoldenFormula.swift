// Weights and inputs from name and index, the same bits as Scripts/golden/formula.py makes; the rules stand in docs/developer/golden.md.
import Foundation
import Networks
import Randomness
import Tensors

public enum GoldenFormula {
    public static func hash(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    public static func word(_ hash: UInt64, _ index: Int) -> UInt64 {
        // SplitMix64.hash adds the increment itself.
        SplitMix64.hash(hash &+ UInt64(index))
    }

    public static func unit(_ hash: UInt64, _ index: Int) -> Double { (Double(word(hash, index) >> 40) - 0x1p23) / 0x1p23 }

    /// Offset and scale of a parameter or statistic; the first rule that matches.
    public static func rule(_ name: String, _ shape: [Int]) -> (offset: Double, scale: Double) {
        let parts = name.split(separator: ".").map(String.init)
        let last = parts.last ?? "", owner = parts.dropLast().last ?? ""
        switch last {
        case "running_mean": return (0, 0.1)
        case "running_var": return (1, 0.3)
        case "layer_scale_parameter": return (0.5, 0.1)
        case "scale": return (1.421, 0.1)
        case "D": return (1, 0.1)
        default: break
        }
        if name.hasSuffix("dt_proj.bias") { return (-1, 0.5) }
        if last.hasSuffix("bias") { return (0, 0.1) }
        if owner.lowercased().contains("norm") || name.hasSuffix("downsampling_layer.0.weight") { return (1, 0.1) }
        if owner.hasSuffix("_embeddings"), shape.count == 2 { return (0, 1) }
        if name.hasSuffix("transp_conv.conv.weight") { return (0, (3 / Double(shape[0])).squareRoot()) }
        let gain: Double = name == "out.conv.conv.weight" ? 8 : 1
        return (0, gain * (3 / Double(shape.dropFirst().reduce(1, *))).squareRoot())
    }

    public static func values(_ name: String, _ shape: [Int]) -> [Float] {
        let hash = hash(name), count = shape.reduce(1, *)
        if name.hasSuffix("A_log") {
            return (0..<count).map { Float(log(Double(1 + $0 % 16)) + 0.1 * unit(hash, $0)) }
        }
        let (offset, scale) = rule(name, shape)
        return (0..<count).map { Float(offset + scale * unit(hash, $0)) }
    }

    /// A unit array: zero mean, unit variance.
    public static func plain(_ name: String, _ count: Int) -> [Float] {
        let hash = hash(name)
        return (0..<count).map { Float(3.0.squareRoot() * unit(hash, $0)) }
    }

    public static func sampleIndices(_ name: String, size: Int, count: Int) -> [Int] {
        let hash = hash(name + "#sample")
        return (0..<count).map { Int(word(hash, $0) % UInt64(size)) }
    }

    /// uint8 [B,H,W,3]: a smooth field with a quarter of noise.
    public static func images(batch: Int, size: Int = 224, name: String = "image") -> [UInt8] {
        let cell = 16, nodes = size / cell + 1, grid = hash(name + ".grid"), noise = hash(name + ".noise")
        func node(_ b: Int, _ y: Int, _ x: Int, _ c: Int) -> Int { Int(word(grid, ((b * nodes + y) * nodes + x) * 3 + c) >> 56) }
        var pixels: [UInt8] = []
        pixels.reserveCapacity(batch * size * size * 3)
        for b in 0..<batch {
            for row in 0..<size {
                let y = row / cell, a = row % cell
                for column in 0..<size {
                    let x = column / cell, e = column % cell
                    for c in 0..<3 {
                        let above = node(b, y, x, c) * (cell - e) + node(b, y, x + 1, c) * e
                        let below = node(b, y + 1, x, c) * (cell - e) + node(b, y + 1, x + 1, c) * e
                        let field = (above * (cell - a) + below * a) / (cell * cell)
                        pixels.append(UInt8((3 * field + Int(word(noise, pixels.count) >> 56)) / 4))
                    }
                }
            }
        }
        return pixels
    }

    /// uint8 [B,H,W]: discs.
    public static func masks(batch: Int, size: Int = 224) -> [UInt8] {
        (0..<batch).flatMap { b in
            (0..<size).flatMap { y in
                (0..<size).map { x in
                    let dy = y - 90 - 40 * b, dx = x - 120 + 40 * b, r = 50 - 15 * b
                    return dy * dy + dx * dx <= r * r ? 1 : 0
                }
            }
        }
    }

    /// Gives every entry of a store its formula value.
    /// - Parameter factors: the first expression that is found in a name multiplies its values.
    public static func fill(_ store: ParameterStore, factors: [(pattern: Regex<AnyRegexOutput>, factor: Float)] = []) {
        for entry in store.entries {
            let factor = factors.first { entry.name.contains($0.pattern) }?.factor ?? 1
            store.set(entry.name, values(entry.name, entry.fileShape).map { $0 * factor })
        }
    }
}

/// A tensor as golden files describe it.
public struct GoldenTensor: Codable, Sendable {
    public let shape: [Int]
    public let sum: Double, norm: Double, maximum: Double
    public let samples: [Double]

    /// The largest difference at the sampled places, absolute; of the norms, relative. A sum may differ by the square root of the size
    /// times that.
    public func differences(_ values: [Float], name: String) -> (samples: Double, norm: Double) {
        let indices = GoldenFormula.sampleIndices(name, size: values.count, count: samples.count)
        let worst = zip(indices, samples).map { abs(Double(values[$0]) - $1) }.max() ?? 0
        let norm = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        let sum = values.reduce(0) { $0 + Double($1) }
        let differences = [abs(norm - self.norm), abs(sum - self.sum) / Double(max(1, values.count)).squareRoot()]
        return (worst, (differences.max() ?? 0) / max(self.norm, 1e-30))
    }
}
