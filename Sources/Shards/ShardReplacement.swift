// What `prep shard` would replace: shards of other settings, on which a run may depend, or files that are not its own. Found before any
// work. Not for shards of other samples with the same settings: a mended dataset replaces its shards unasked.
// Invariant: only looks; nothing is written.
import Datasets
import Files
import Text

public struct ShardReplacement: Sendable, Equatable {
    /// OUT/NAME.
    public let folder: String
    public let dataset: String
    /// Height and width of the images that are there.
    public let size: Int
    /// Each setting that differs, as in "size 224, now 256".
    public let changes: [String]

    /// As in "replaces 224x224 shards of kvasir (size 224, now 256)".
    public var words: String { "replaces \(size)x\(size) shards of \(dataset) (\(changes.joined(separator: "; ")))" }

    /// What making a manifest's shards would replace; nil where there is nothing of other settings.
    /// - Throws: `otherSettings` where `overwrites` is off; `foreignFile` likewise for files that are no shards of ours; what
    ///   `Sharding.run` throws for a folder it leaves alone.
    public static func find(
        _ manifest: Manifest, folder out: String, options: ShardingOptions, overwrites: Bool
    ) throws(ShardError) -> ShardReplacement? {
        let folder = out + "/" + manifest.name
        if ShardAdvice.holdsSplits(out) {
            throw .invalidOption(
                "--out \(out): holds the shards of a set, and \(manifest.name)/ would lie among them; give the folder above, "
                    + "\(FileIO.parent(of: FileIO.absolute(out)))"
            )
        }
        // Among the pictures themselves a folder of shards would be taken for one of theirs.
        let pictures = Set(manifest.samples.flatMap { [$0.image, $0.mask] }.map { FileIO.parent(of: manifest.root + "/" + $0) })
        if let own = pictures.sorted().first(where: {
            FileIdentity(out).isSame(as: FileIdentity($0))
                || FileIdentity(out).isInside(FileIdentity($0)) && FileIdentity($0).resolved != FileIdentity(manifest.root).resolved
        }) {
            throw .invalidOption(
                "--out \(out): lies in \(own), where the dataset's pictures are, and shards would lie among them; give another folder")
        }
        guard FileIO.exists(folder) else { return nil }
        if FileIdentity(folder).isSame(as: FileIdentity(manifest.root)) {
            throw .invalidOption(
                "--out \(out): \(folder) is the dataset's own folder, and shards would lie among its files; give another folder")
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
        // How images were resized is not recorded, but the fingerprint tells it where the samples are still the same.
        let samples = manifest.samples.filter { $0.split == split }
        let rule = ResizeRule.allCases.first { rule in
            old.resize = rule
            return Sharding.fingerprint(manifest, split, samples, old, vocabularySHA256: made.vocabularySHA256) == made.fingerprint
        }
        if let rule { compare("resize", rule.rawValue, options.resize.rawValue) }
        func words(_ isThere: Bool) -> String { isThere ? "stored" : "none" }
        compare("captions", words(made.hasCaptions), words(manifest.hasCaptions))
        // Captions that come or go take their tokens with them.
        if made.hasCaptions == manifest.hasCaptions { compare("tokens", words(made.tokenLength != nil), words(vocabulary != nil)) }
        guard let vocabulary, let before = made.vocabularySHA256 else { return changes }
        // A vocabulary built from captions follows them; one that was given is a setting.
        if before != vocabulary.sha256, options.vocabulary != nil || rule != nil {
            changes.append(
                "another vocabulary, now " + (options.vocabulary == nil ? "built from the captions" : "one of \(vocabulary.count) tokens"))
        }
        return changes
    }

    /// Files in the place of what would be written, where no shards of ours are or were begun.
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
