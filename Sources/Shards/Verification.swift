// Reads everything in a shard folder again, for `prep verify`. Every damaged shard and sample is reported; nothing is changed.
// Invariant: a folder that passes holds exactly the bytes that were written (all hashes are right), and its samples have valid content.
import Files
import Foundation
import Imaging

/// The content of one sample, for comparison with other programs: `prep verify --list-json`.
public struct SampleListing: Sendable {
    public let split: String
    public let id: String
    /// Nil in sets without captions.
    public let caption: String?
    public let width: Int, height: Int
    /// SHA-256 of the columns' bytes; nil if there is no such column.
    public let imageSHA256: String, maskSHA256: String, tokensSHA256: String?, attentionSHA256: String?
    /// The patient or study; nil where it is not known.
    public let group: String?
    /// Nil if the shards do not hold other captions.
    public let otherCaptions: [String]?
    /// Nil where it is not known.
    public let spacing: PixelSpacing?
    /// SHA-256 of the original mask's pixels, uint8 [H,W] of 0 and 1; nil if the shards do not hold it.
    public let originalMaskSHA256: String?

    /// Whether the file at a path is such a list: its first line is an object with these keys.
    public static func isListing(_ path: String) -> Bool {
        guard let head = try? FileIO.head(path, 1 << 16), let line = head.split(separator: UInt8(ascii: "\n"), maxSplits: 1).first,
            let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
        else { return false }
        return ["split", "id", "imageSha256", "maskSha256", "tokensSha256"].allSatisfy { object[$0] != nil }
    }

    /// One line of JSON.
    public var json: String {
        func text(_ value: String?) -> PythonJSON { value.map { .string($0) } ?? .null }
        let others: PythonJSON = otherCaptions.map { captions in .array(captions.map { .string($0) }) } ?? .null
        let millimetres: PythonJSON = spacing.map { .array([.number($0.y), .number($0.x)]) } ?? .null
        return PythonJSON.object([
            "split": .string(split), "id": .string(id), "caption": text(caption), "width": .integer(width), "height": .integer(height),
            "imageSha256": .string(imageSHA256), "maskSha256": .string(maskSHA256), "tokensSha256": text(tokensSHA256),
            "attentionSha256": text(attentionSHA256), "group": text(group),
            "otherCaptions": others, "spacing": millimetres, "originalMaskSha256": text(originalMaskSHA256),
        ]).text
    }
}

public struct VerificationReport: Sendable {
    public struct Part: Sendable {
        public let folder: String
        public let shards: Int
        public let samples: Int
        public let bytes: Int
        /// Whether samples have captions, and whether those have tokens; nil if another program wrote the shards.
        public let hasCaptions: Bool?, hasTokens: Bool?
    }

    public let parts: [Part]
    public let problems: [ShardProblem]
    /// A training split without any foreground or without any background: intact, but useless for training.
    public let withoutContrast: [ShardProblem]
    /// In order; filled only on request.
    public let listing: [SampleListing]
}

public enum Verification {
    /// Verifies one split's folder, or every split in a dataset's folder.
    /// - Parameter progress: called with shards done and in all.
    /// - Throws: if verification cannot begin (no index, another version); damage is reported, not thrown.
    public static func run(
        folder: String, threads: Int = ParallelMap.availableThreads, listing: Bool = false,
        progress: (@Sendable (Int, Int) -> Void)? = nil, cancellation: Cancellation = Cancellation()
    ) throws(ShardError) -> VerificationReport {
        let folders = try splitFolders(folder)
        var problems: [ShardProblem] = []
        var parts: [VerificationReport.Part] = []
        var work: [ShardCheck] = []
        for split in folders {
            guard FileIO.exists(split + "/" + MDSIndex.name) else {
                problems.append(ShardProblem(path: split, reason: "has shard files but no index.json; run `prep shard` again"))
                continue
            }
            let index = try MDSIndex.read(folder: split)
            let register = SampleRegister(folder: split, index: index)
            problems += register.problems
            parts.append(
                .init(
                    folder: split, shards: index.shards.count, samples: index.shards.reduce(0) { $0 + $1.samples },
                    bytes: index.shards.reduce(0) { $0 + $1.stored.bytes }, hasCaptions: index.provenance?.hasCaptions,
                    hasTokens: index.provenance.map { $0.tokenLength != nil }))
            let name = split.split(separator: "/").last.map(String.init) ?? split
            for shard in index.shards {
                var layout: SampleLayout?
                do throws(ShardError) {
                    layout = try SampleLayout(shard.schema, provenance: index.provenance, path: split + "/" + MDSIndex.name)
                } catch {
                    // Sets of other programs may have other columns; then only structure and hashes can be checked.
                    if index.provenance != nil { throw error }
                }
                work.append(
                    ShardCheck(
                        folder: split, split: name, shard: shard, layout: layout, entries: register.entries[shard.raw.basename],
                        lists: listing))
            }
        }
        let total = work.count
        let results: [ShardCheck.Result]
        do throws(Cancelled) {
            results = try ParallelMap.map(
                work, threads: threads, cancellation: cancellation, progress: { progress?($0, total) }, body: { $0.run() })
        } catch {
            throw .cancelled
        }
        problems += results.flatMap(\.problems)
        problems += duplicates(zip(work, results).map { ($0.folder, $0.shard.stored.basename, $1.ids) })
        let withoutContrast = contrastFaults(zip(work, results).map { ($0.folder, $0.split, $0.layout != nil, $0.shard.samples, $1) })
        return VerificationReport(
            parts: parts, problems: problems, withoutContrast: problems.isEmpty ? withoutContrast : [], listing: results.flatMap(\.listing))
    }

    /// The folder itself if it has an index, else the subfolders that have one (or shards without one).
    private static func splitFolders(_ folder: String) throws(ShardError) -> [String] {
        guard FileIO.exists(folder) else { throw .file(.notFound(path: folder)) }
        guard FileIO.isFolder(folder) else { throw .notAShardFolder(path: folder) }
        if FileIO.exists(folder + "/" + MDSIndex.name) { return [folder] }
        let names = try fromFiles { () throws(FileError) in try FileIO.list(folder) }
        let inside = names.filter { !$0.hasPrefix(".") }.map { folder + "/" + $0 }.filter { path in
            guard FileIO.isFolder(path) else { return false }
            if FileIO.exists(path + "/" + MDSIndex.name) { return true }
            return ((try? FileIO.list(path)) ?? []).contains { $0.hasPrefix("shard.") }
        }
        guard inside.contains(where: { FileIO.exists($0 + "/" + MDSIndex.name) }) else { throw .notAShardFolder(path: folder) }
        return inside
    }

    /// The training splits whose masks are all empty or all full.
    private static func contrastFaults(
        _ shards: [(folder: String, split: String, isKnown: Bool, samples: Int, result: ShardCheck.Result)]
    ) -> [ShardProblem] {
        let training = Dictionary(grouping: shards.filter { $0.split == "train" && $0.isKnown }, by: \.folder)
        return training.sorted { $0.key < $1.key }.compactMap { folder, shards in
            let count = shards.reduce(0) { $0 + $1.samples }
            guard count > 0 else { return nil }
            return MaskContrast.fault(
                hasForeground: shards.contains { $0.result.hasForeground }, hasBackground: shards.contains { $0.result.hasBackground },
                count: count
            ).map { ShardProblem(path: folder, reason: $0) }
        }
    }

    private static func duplicates(_ shards: [(folder: String, name: String, ids: [String])]) -> [ShardProblem] {
        var seen: [String: String] = [:]
        var problems: [ShardProblem] = []
        for (folder, name, ids) in shards {
            for id in ids {
                let path = folder + "/" + name
                if let first = seen.updateValue(path, forKey: folder + "\0" + id) {
                    problems.append(ShardProblem(path: path, sample: id, reason: "the id is also in \(first)"))
                }
            }
        }
        return problems
    }
}
