// What `prep shard` would replace: shards of other settings, on which a run may depend, or files that it did not write. Found before any
// work. Shards of the same settings but other samples are not reported: those of a corrected dataset are replaced without `--overwrite`.
// Invariant: reads only; nothing is written.
import Datasets
import Files
import Text

public struct ShardReplacement: Sendable, Equatable {
    /// OUT/NAME.
    public let folder: String
    public let dataset: String
    /// Height and width of the existing images.
    public let size: Int
    /// Each setting that differs, as in "size 224, now 256".
    public let changes: [String]

    /// As in "replaces 224x224 shards of kvasir (size 224, now 256)".
    public var words: String { "replaces \(size)x\(size) shards of \(dataset) (\(changes.joined(separator: "; ")))" }

    /// What building a manifest's shards would replace; nil if there are no shards of other settings.
    /// - Throws: `otherSettings` if `overwrites` is off; `foreignFile` likewise for files that are not shards of this program; the errors
    ///   of `Sharding.run` for a folder that it leaves alone.
    public static func find(
        _ manifest: Manifest, folder out: String, options: ShardingOptions, overwrites: Bool
    ) throws(ShardError) -> ShardReplacement? {
        let folder = out + "/" + manifest.name
        if ShardAdvice.holdsSplits(out) {
            throw .invalidOption(
                "--out \(out): this folder holds the shards of a set, and \(manifest.name)/ would be among them; give the folder above, "
                    + "\(FileIO.parent(of: FileIO.absolute(out)))"
            )
        }
        // A folder of shards among the images would be read as a folder of images.
        let pictures = Set(manifest.samples.flatMap { [$0.image, $0.mask] }.map { FileIO.parent(of: manifest.root + "/" + $0) })
        if let own = pictures.sorted().first(where: {
            FileIdentity(out).isSame(as: FileIdentity($0))
                || FileIdentity(out).isInside(FileIdentity($0)) && FileIdentity($0).resolved != FileIdentity(manifest.root).resolved
        }) {
            throw .invalidOption(
                "--out \(out): this folder is in \(own), which holds the dataset's images, and shards would be among them; give another "
                    + "folder")
        }
        guard FileIO.exists(folder) else { return nil }
        if FileIdentity(folder).isSame(as: FileIdentity(manifest.root)) {
            throw .invalidOption(
                "--out \(out): \(folder) is the dataset's own folder, and shards would be among its files; give another folder")
        }
        let vocabulary = options.vocabulary(for: manifest)
        var found: ShardReplacement?, isOurs = false
        for split in Split.allCases {
            let existing = try ShardPublication.existing(folder + "/" + split.rawValue)
            if !existing.isNothing { isOurs = true }
            guard found == nil, case .ours(let index) = existing, let made = index.provenance else { continue }
            let changes = changes(manifest, split, index, made, options, vocabulary)
            if !changes.isEmpty { found = ShardReplacement(folder: folder, dataset: made.dataset, size: made.imageSize, changes: changes) }
        }
        if !isOurs, !overwrites, !FileIO.isFolder(folder + "/.staging") { try checkForeign(folder, vocabulary) }
        if let found, !overwrites { throw .otherSettings(found) }
        return found
    }

    private static func changes(
        _ manifest: Manifest, _ split: Split, _ index: MDSIndex, _ made: ShardProvenance, _ options: ShardingOptions,
        _ vocabulary: Vocabulary?
    ) -> [String] {
        var old = options, changes: [String] = []
        old.size = made.imageSize
        old.tokenLength = made.tokenLength ?? old.tokenLength
        if let schema = index.shards.first?.schema {
            old.compression = schema.compression
            old.sizeLimit = schema.sizeLimit ?? options.sizeLimit
        }
        func compare(_ name: String, _ before: String, _ now: String) {
            if before != now { changes.append("\(name) \(before), now \(now)") }
        }
        compare("size", "\(old.size)", "\(options.size)")
        compare("compression", old.compression ?? "none", options.compression ?? "none")
        compare("shard-bytes", "\(old.sizeLimit)", "\(options.sizeLimit)")
        // The resize rule is not recorded. But if the samples are unchanged, a different fingerprint reveals a different rule.
        let samples = manifest.samples.filter { $0.split == split }
        let rule = ResizeRule.allCases.first { rule in
            old.resize = rule
            return Sharding.fingerprint(manifest, split, samples, old, vocabularySHA256: made.vocabularySHA256) == made.fingerprint
        }
        if let rule { compare("resize", rule.rawValue, options.resize.rawValue) }
        func words(_ isThere: Bool) -> String { isThere ? "stored" : "none" }
        compare("captions", words(made.hasCaptions), words(manifest.hasCaptions))
        // If captions appear or disappear, so do their tokens.
        if made.hasCaptions == manifest.hasCaptions { compare("tokens", words(made.tokenLength != nil), words(vocabulary != nil)) }
        // Gaining original masks changes nothing for a run; losing them would.
        if !options.storesOriginalMasks,
            index.shards.first?.schema.columns.contains(where: { $0.name == EvaluationColumns.originalMask }) == true
        {
            compare("original masks", words(true), words(false))
        }
        guard let vocabulary, let before = made.vocabularySHA256 else { return changes }
        // A vocabulary that is built from captions changes with them; a given vocabulary is a setting.
        if before != vocabulary.sha256, options.vocabulary != nil || rule != nil {
            changes.append(
                "another vocabulary, now " + (options.vocabulary == nil ? "built from the captions" : "one of \(vocabulary.count) tokens"))
        }
        return changes
    }

    /// Files at the output paths, if there are no shards of this program, finished or begun.
    private static func checkForeign(_ folder: String, _ vocabulary: Vocabulary?) throws(ShardError) {
        let path = folder + "/" + Sharding.vocabularyName
        if FileIO.exists(path), vocabulary == nil || (try? Vocabulary(contentsOf: path))?.sha256 != vocabulary?.sha256 {
            throw .foreignFile(path: path)
        }
        let splits = Split.allCases.map(\.rawValue), own = splits + [Sharding.vocabularyName, Sharding.settingsName]
        let names = try fromFiles { () throws(FileError) in try FileIO.list(folder) }
        if let name = names.first(where: { !own.contains($0) && !$0.hasPrefix(".") }) { throw .foreignFile(path: "\(folder)/\(name)") }
        for split in splits where FileIO.isFolder(folder + "/" + split) {
            let names = try fromFiles { () throws(FileError) in try FileIO.list(folder + "/" + split) }
            if let name = names.first(where: { !$0.hasPrefix(".") }) { throw .foreignFile(path: "\(folder)/\(split)/\(name)") }
        }
    }
}
