// The outlines of what a network predicts of a few samples at the end of an epoch: a line of outlines.jsonl.
// Invariants: a line has a bounded size, whatever the mask looks like. Reading a line gives what was written.
import Foundation
import Imaging

package struct SampleOutlines: Codable, Sendable, Equatable {
    package struct One: Codable, Sendable, Equatable {
        package var id: String
        /// Of the whole mask, against the truth; nil where both are empty.
        package var dice: Double?
        /// The side of the picture that the path belongs to; a noisy mask has a smaller one.
        package var side: Int
        package var path: String

        package init(id: String, dice: Double?, side: Int, path: String) {
            self.id = id
            self.dice = dice
            self.side = side
            self.path = path
        }
    }

    /// From 1.
    package var epoch: Int
    package var step: Int
    package var samples: [One]

    package init(epoch: Int, step: Int, samples: [One]) {
        self.epoch = epoch
        self.step = step
        self.samples = samples
    }

    /// The longer side of pictures, in pixels.
    package static let side = 128
    /// Characters of a path.
    static let mostCharacters = 6000

    /// The outline of a mask whose longer side is at most `side`; coarser while the path is too long.
    package static func path(of mask: Raster) -> (side: Int, path: String) {
        var side = min(Self.side, max(mask.width, mask.height))
        while true {
            let path = MaskOutline.path(mask.fitted(side))
            if path.utf8.count <= mostCharacters || side <= 16 { return (side, path) }
            side /= 2
        }
    }

    package var line: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The lines of a file that are whole, up to the first that is not or that is past an epoch; and the bytes that they take.
    package static func read(_ bytes: [UInt8], throughEpoch last: Int = .max) -> (lines: [SampleOutlines], length: Int) {
        var lines: [SampleOutlines] = [], length = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            guard line.endIndex < bytes.count, let found = try? JSONDecoder().decode(Self.self, from: Data(line)), found.epoch <= last
            else { break }
            lines.append(found)
            length += line.count + 1
        }
        return (lines, length)
    }
}

extension Raster {
    /// A mask whose longer side has `side` pixels, or as it is where it is smaller.
    package func fitted(_ side: Int) -> Raster {
        let longer = max(width, height)
        guard longer > side else { return self }
        return resizedNearest(width: max(1, width * side / longer), height: max(1, height * side / longer))
    }
}
