// Masks for the tests of this target: drawn as text, random, or from the runs of a golden file.
import Metrics
import Randomness

extension BinaryMask {
    /// One string a row; "#" is foreground. All rows have the same length.
    init(rows: [String]) throws {
        try self.init(width: rows.first?.count ?? 0, height: rows.count, values: rows.joined().map { $0 == "#" ? 1 : 0 })
    }

    /// Lengths of runs, background first.
    init(width: Int, height: Int, runs: [Int]) throws {
        let values = runs.enumerated().flatMap { index, length in [UInt8](repeating: UInt8(index % 2), count: length) }
        try self.init(width: width, height: height, values: values)
    }

    static func random(width: Int, height: Int, share: Double, _ generator: inout SplitMix64) throws -> BinaryMask {
        try BinaryMask(width: width, height: height, values: (0..<width * height).map { _ in generator.unit() < share ? 1 : 0 })
    }

    /// A few random boxes: masks with an inside, of which some touch each other or the image's border.
    static func boxes(_ count: Int, width: Int, height: Int, _ generator: inout SplitMix64) throws -> BinaryMask {
        var values = [UInt8](repeating: 0, count: width * height)
        for _ in 0..<count {
            let top = generator.index(below: height), left = generator.index(below: width)
            for row in top..<min(height, top + 1 + generator.index(below: max(height / 2, 1))) {
                for column in left..<min(width, left + 1 + generator.index(below: max(width / 2, 1))) { values[row * width + column] = 1 }
            }
        }
        return try BinaryMask(width: width, height: height, values: values)
    }

    var transposed: BinaryMask {
        get throws {
            try BinaryMask(
                width: height, height: width, values: (0..<width * height).map { pixels[($0 % height) * width + $0 / height] })
        }
    }
}

/// Sizes that are easily treated wrongly, with some ordinary ones.
let testSizes = [(1, 1), (1, 7), (9, 1), (2, 2), (5, 3), (8, 13), (17, 11)]
