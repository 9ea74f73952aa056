// From a manifest to shards/NAME/{train,val,test}, for `prep shard`. Shards are built in NAME/.staging and published together at the end,
// so that a stopped run, a full disk or a bad sample leaves the earlier shards unchanged.
// Invariants: the same manifest, files and options give the same bytes for any number of threads and after any interruption.
import Datasets
import Files
import Foundation
import Synchronization
import Text

public enum Sharding {
    /// Increased when the same inputs and options would give other bytes than before.
    static let recipeVersion = 2
    public static let vocabularyName = "vocab.txt"
    /// The file beside the vocabulary, if the vocabulary keeps capitals or has added tokens.
    public static let settingsName = "tokenizer_config.json"

    /// Makes the shards of a manifest under `folder`/NAME.
    /// - Parameter progress: called from the working threads, one at a time, with samples done and in all.
    /// - Throws: `badSamples` with every bad sample; `cancelled` when `cancellation` is set. Both leave earlier shards untouched.
    public static func run(
        manifest: Manifest, folder out: String, options: ShardingOptions, progress: (@Sendable (ShardProgress) -> Void)? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(ShardError) -> ShardReport {
        try options.check()
        guard !manifest.samples.isEmpty else { throw .manifest(path: manifest.name, reason: "the manifest has no samples") }
        let folder = out + "/" + manifest.name
        let vocabulary = options.vocabulary(for: manifest)
        let tokenizer = vocabulary.map { WordPieceTokenizer(vocabulary: $0) }
        let captions = manifest.samples.compactMap { sample in
            tokenizer?.encode(CaptionText.normalised(sample.caption ?? ""), length: options.tokenLength)
        }

        let evaluation = EvaluationColumns(manifest, options)
        var splits: [SplitPlan] = []
        for split in Split.allCases {
            let samples = manifest.samples.filter { $0.split == split }
            let path = folder + "/" + split.rawValue
            let existing = try ShardPublication.existing(path)
            let fingerprint = fingerprint(manifest, split, samples, options, vocabularySHA256: vocabulary?.sha256)
            let evaluation = evaluation.fingerprint(samples)
            splits.append(
                SplitPlan(
                    split: split, samples: samples, folder: path, existing: existing, fingerprint: fingerprint, evaluation: evaluation,
                    isUpToDate: ShardPublication.isUpToDate(existing, folder: path, fingerprint: fingerprint, evaluation: evaluation)))
        }
        let vocabularyPath = folder + "/" + vocabularyName
        let vocabularyIsThere =
            vocabulary.map { (try? Vocabulary(contentsOf: vocabularyPath))?.sha256 == $0.sha256 } ?? !FileIO.exists(vocabularyPath)
        let wanted = splits.filter { !$0.samples.isEmpty }
        let unwanted = splits.filter { $0.samples.isEmpty && !$0.existing.isNothing }
        let built: Built
        if vocabularyIsThere, unwanted.isEmpty, wanted.allSatisfy(\.isUpToDate) {
            built = Built(channels: wanted.first?.existing.channels ?? 3, parts: wanted.map { $0.upToDate })
        } else {
            built = try build(
                manifest, wanted, folder: folder, options, tokenizer, progress: progress, cancellation: cancellation, unwanted: unwanted)
        }
        // All splits are published, so files that any run left in staging are no longer needed.
        for split in Split.allCases { try ShardStaging.remove(Self.stagingFolder(folder, split)) }
        rmdir(folder + "/.staging")
        return ShardReport(
            dataset: manifest.name, folder: folder, parts: built.parts, channels: built.channels,
            hasCaptions: manifest.hasCaptions, vocabularySize: vocabulary?.count,
            builtVocabulary: vocabulary != nil && options.vocabulary == nil, truncatedCaptions: captions.count { $0.truncated },
            captionsWithUnknowns: captions.count { $0.unknownCount > 0 })
    }

    private struct Built {
        let channels: Int
        let parts: [ShardReport.Part]
    }

    private struct SplitPlan {
        let split: Split
        let samples: [ManifestSample]
        let folder: String
        let existing: ShardPublication.Existing
        let fingerprint: String
        /// The fingerprint of the columns that evaluation alone reads.
        let evaluation: String?
        let isUpToDate: Bool

        /// Everything that determines the bytes of the split's shards, for the staging folder.
        func whole(channels: Int) -> String { "\(fingerprint) \(channels)" + (evaluation.map { " " + $0 } ?? "") }

        var upToDate: ShardReport.Part {
            let shards = existing.shards
            return ShardReport.Part(
                split: split, samples: samples.count, shards: shards.count, bytes: shards.reduce(0) { $0 + $1.stored.bytes },
                wasUpToDate: true, reused: 0)
        }
    }

    private static func build(
        _ manifest: Manifest, _ splits: [SplitPlan], folder: String, _ options: ShardingOptions, _ tokenizer: WordPieceTokenizer?,
        progress: (@Sendable (ShardProgress) -> Void)?, cancellation: Cancellation, unwanted: [SplitPlan]
    ) throws(ShardError) -> Built {
        let todo = splits.filter { !$0.isUpToDate }
        try fromFiles { () throws(FileError) in try FileIO.createFolder(folder) }
        let channels: Int
        if let known = splits.first(where: { $0.isUpToDate })?.existing.channels {
            channels = known
        } else {
            channels = try GreyDetection.channels(manifest, threads: options.threads, cancellation: cancellation)
        }
        let preparation = SamplePreparation(manifest: manifest, options: options, channels: channels, tokenizer: tokenizer)
        let total = todo.reduce(0) { $0 + $1.samples.count }
        let done = Mutex(0)
        let advance: @Sendable (Int) -> Void = { count in
            done.withLock { done in
                done += count
                progress?(ShardProgress(done: done, total: total))
            }
        }

        var parts: [ShardBuild.Part] = []
        for plan in todo {
            let staging = try ShardStaging(folder: stagingFolder(folder, plan.split), fingerprint: plan.whole(channels: channels))
            parts.append(ShardBuild.Part(samples: plan.samples, staging: staging))
        }
        let result = try ShardBuild(preparation: preparation, parts: parts, cancellation: cancellation, advance: advance).run()
        guard result.problems.isEmpty else { throw .badSamples(dataset: manifest.name, problems: result.problems) }
        let finished = todo.indices.map { (plan: todo[$0], staging: parts[$0].staging, result: result.parts[$0]) }

        // From here on new shards replace the old ones.
        for plan in todo + unwanted { try ShardPublication.withdraw(plan.existing, folder: plan.folder) }
        for item in finished { try ShardPublication.move(item.result.receipts, from: item.staging, to: item.plan.folder) }
        try save(tokenizer?.vocabulary, to: folder + "/" + vocabularyName)
        for item in finished {
            let samples = ShardPublication.samplesText(item.result.receipts, ids: item.plan.samples.map(\.id))
            let provenance = ShardProvenance(
                dataset: manifest.name, split: item.plan.split.rawValue, fingerprint: item.plan.fingerprint,
                evaluationFingerprint: item.plan.evaluation, hasCaptions: manifest.hasCaptions,
                vocabularySHA256: tokenizer?.vocabulary.sha256,
                tokenLength: tokenizer == nil ? nil : options.tokenLength, imageSize: options.size,
                channels: channels, samplesSHA256: Digest.sha256(samples),
                imageBits: manifest.summary.imageBits)
            let index = MDSIndex(shards: item.result.receipts.map(\.shard), provenance: provenance)
            try ShardPublication.seal(index, samples: samples, folder: item.plan.folder)
        }

        let report = splits.map { plan -> ShardReport.Part in
            guard let item = finished.first(where: { $0.plan.split == plan.split }) else { return plan.upToDate }
            return ShardReport.Part(
                split: plan.split, samples: plan.samples.count, shards: item.result.receipts.count,
                bytes: item.result.receipts.reduce(0) { $0 + $1.shard.stored.bytes }, wasUpToDate: false, reused: item.result.reused)
        }
        return Built(channels: channels, parts: report)
    }

    private static func stagingFolder(_ folder: String, _ split: Split) -> String { "\(folder)/.staging/\(split.rawValue)" }

    /// Writes the vocabulary and the file with its settings: capitals, added tokens. Without a vocabulary, removes that of an earlier set.
    private static func save(_ vocabulary: Vocabulary?, to path: String) throws(ShardError) {
        try fromFiles { () throws(FileError) in
            try AtomicFile.removeLeftovers(for: path)
            // Settings of an earlier vocabulary would be read as those of this one.
            unlink(FileIO.sibling(of: path, named: settingsName))
            guard let vocabulary else { return try FileIO.remove(path) }
            do throws(TextError) { try vocabulary.write(to: path) } catch {
                if case .vocabularyUnwritable(let cause) = error { throw cause }
                throw .unwritable(path: path, reason: "\(error)")
            }
        }
    }

    /// Everything that determines the bytes of a split's training columns, and which samples a shard holds. Whether the dataset
    /// is grey follows from the image hashes of all splits.
    static func fingerprint(
        _ manifest: Manifest, _ split: Split, _ samples: [ManifestSample], _ options: ShardingOptions, vocabularySHA256: String?
    ) -> String {
        var lines = [
            "recipe \(recipeVersion) format \(vocabularySHA256 == nil ? 2 : 1)", "dataset \(manifest.name) \(split.rawValue)",
            "size \(options.size) resize \(options.resize.rawValue) threshold \(manifest.maskThreshold)",
            "compression \(options.compression ?? "none") limit \(options.sizeLimit) hashes "
                + "\(MDSSchema.defaultHashes.joined(separator: ","))",
            vocabularySHA256.map { "tokens \(options.tokenLength) vocabulary \($0)" } ?? "tokens none",
            "images " + Digest.sha256(manifest.samples.map(\.imageSHA256).joined(separator: "\n")),
        ]
        if manifest.imageBits != 16 { lines.append("image bits \(manifest.imageBits)") }
        // Added only if it is not the threshold above, so that shards of earlier programs stay up to date.
        if let rule = manifest.maskReading.rule {
            lines.append("masks " + String(decoding: StableJSON.encode(rule, pretty: false), as: UTF8.self))
        }
        for sample in samples {
            let masks = sample.masks.map { PythonJSON.string($0.maskSHA256) }
            let caption = sample.caption.map { PythonJSON.string($0) } ?? .null
            lines.append(PythonJSON.array([.string(sample.id), caption, .string(sample.imageSHA256)] + masks).text)
        }
        return Digest.sha256(lines.joined(separator: "\n"))
    }
}

extension ShardPublication.Existing {
    var isNothing: Bool { if case .nothing = self { true } else { false } }
    var shards: [MDSShard] { if case .ours(let index) = self { index.shards } else { [] } }
    var channels: Int? { if case .ours(let index) = self { index.provenance?.channels } else { nil } }
}
