// The columns of a shard that evaluation alone reads, such as the mask at its picture's own size. Training never decodes them.
// Invariant: they change neither the other columns' bytes nor which samples a shard holds. So shards with and without them have one
// fingerprint, and a run goes on with either.
import Datasets
import Files
import Foundation
import Imaging

struct EvaluationColumns: Sendable, Equatable {
    /// Their names in a schema.
    static let group = "group", originalMask = "original_mask", otherCaptions = "other_captions", spacing = "spacing"

    /// Raised when the same samples get other bytes.
    private static let recipe = 1

    /// Rows and columns; NaN where they are not known.
    static let spacingEncoding = "ndarray:float64:2"

    let storesGroups: Bool
    let storesOriginalMasks: Bool
    let storesOtherCaptions: Bool
    let storesSpacing: Bool

    /// The columns of a manifest's shards: what no sample of any split has, no shard holds.
    init(_ manifest: Manifest, _ options: ShardingOptions) {
        storesGroups = manifest.samples.contains { $0.group != nil }
        storesOriginalMasks = options.storesOriginalMasks
        storesOtherCaptions = manifest.samples.contains { $0.otherCaptions != nil }
        storesSpacing = manifest.samples.contains { $0.spacing != nil }
    }

    var columns: [MDSColumn] {
        (storesGroups ? [MDSColumn(Self.group, "str")] : [])
            + (storesOriginalMasks ? [MDSColumn(Self.originalMask, "bytes")] : [])
            + (storesOtherCaptions ? [MDSColumn(Self.otherCaptions, "str")] : [])
            + (storesSpacing ? [MDSColumn(Self.spacing, Self.spacingEncoding)] : [])
    }

    /// The payloads by the columns' names.
    /// - Parameter originalMask: at the size of the original image; not read if the shards do not store it.
    func payloads(_ sample: ManifestSample, originalMask: () -> Raster) -> [String: [UInt8]] {
        var payloads: [String: [UInt8]] = [:]
        if storesOriginalMasks { payloads[Self.originalMask] = MaskRuns.encode(originalMask()) }
        if storesGroups { payloads[Self.group] = Array((sample.group ?? "").utf8) }
        if storesOtherCaptions { payloads[Self.otherCaptions] = Array(Self.text(sample.otherCaptions ?? []).utf8) }
        if storesSpacing {
            payloads[Self.spacing] = [sample.spacing?.y, sample.spacing?.x].flatMap { SamplePreparation.bytes(($0 ?? .nan).bitPattern) }
        }
        return payloads
    }

    /// SHA-256 of what determines these columns' bytes, beyond the fingerprint of the others; nil if there are none.
    func fingerprint(_ samples: [ManifestSample]) -> String? {
        guard !columns.isEmpty else { return nil }
        var lines = ["recipe \(Self.recipe)"] + columns.map { "\($0.name) \($0.encoding)" }
        if storesGroups { lines += samples.map { PythonJSON.string($0.group ?? "").text } }
        if storesOtherCaptions { lines += samples.map { Self.text($0.otherCaptions ?? []) } }
        if storesSpacing { lines += samples.map { $0.spacing.map { "\($0.y) \($0.x)" } ?? "none" } }
        return Digest.sha256(lines.joined(separator: "\n"))
    }

    /// Captions as a JSON array.
    static func text(_ captions: [String]) -> String { PythonJSON.array(captions.map { .string($0) }).text }

    static func captions(_ bytes: some Sequence<UInt8>) throws(Fault) -> [String] {
        guard let captions = try? JSONDecoder().decode([String].self, from: Data(bytes)) else {
            throw Fault(reason: "its other captions are no JSON array of strings")
        }
        return captions
    }

    /// What is wrong with a column's bytes.
    struct Fault: Error { let reason: String }

    /// Nil where the patient is not known.
    static func group(_ bytes: some Sequence<UInt8>) throws(Fault) -> String? {
        guard let group = String(validating: bytes, as: UTF8.self) else { throw Fault(reason: "its group is not UTF-8") }
        return group.isEmpty ? nil : group
    }

    /// Nil where the spacing is not known.
    static func spacing(_ bytes: some Sequence<UInt8>) throws(Fault) -> PixelSpacing? {
        let bytes = Array(bytes)
        let values = [0, 8].map { start -> Double in
            guard start + 8 <= bytes.count else { return .nan }
            return Double(bitPattern: (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) })
        }
        if values.allSatisfy(\.isNaN) { return nil }
        guard let spacing = PixelSpacing(y: values[0], x: values[1]) else {
            throw Fault(reason: "its spacing is \(values[0]), \(values[1])")
        }
        return spacing
    }
}
