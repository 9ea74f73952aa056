// The split of each Kvasir-SEG image, as MedVLSM published it (800 train, 100 val, 100 test). For captions without a split. Not for
// checking files (KvasirRelease). Invariant: an image of the release is in val, in test, or otherwise in train; other images are in none.
import Foundation

package struct MedVLSMSplits {
    /// The sentence for the summary.
    package static let source = "as MedVLSM published them"

    private let release: KvasirRelease
    /// The first 4 bytes of the SHA-256 of the names.
    private let val: Set<UInt32>, test: Set<UInt32>

    /// Nil if a table cannot be read, which a test rules out.
    package init?() {
        guard let release = KvasirRelease(), let val = Self.keys(Self.valTable), let test = Self.keys(Self.testTable) else { return nil }
        (self.release, self.val, self.test) = (release, val, test)
    }

    /// The split of the image of that name (without extension); nil where the release has no such image.
    package func split(of name: String) -> Split? {
        guard release[name] != nil, let key = KvasirRelease.key(name) else { return nil }
        return val.contains(key) ? .val : test.contains(key) ? .test : .train
    }

    private static func keys(_ table: String) -> Set<UInt32>? {
        guard let bytes = Data(base64Encoded: table), bytes.count % 4 == 0, !bytes.isEmpty else { return nil }
        let all = [UInt8](bytes)
        return Set(stride(from: 0, to: all.count, by: 4).map { start in all[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) } })
    }
}
