// Everything between the settings and the first step: opens and checks shards, encodes captions, creates or finds the run folder.
// Invariant: every error in the inputs is found here, before the first step, and nothing is written before the inputs are good.
import Datasets
import EventFiles
import Files
import Networks
import Shards
import Tensors
import Text

public struct RunPreparation {
    public let configuration: RunConfiguration
    public let folder: RunFolder
    public let data: TrainingData
    public let resumes: Bool

    /// - Returns: nil if cancelled while checking shards or encoding captions.
    /// - Parameters:
    ///   - recorded: the configuration of the run to resume.
    ///   - memory: limit for the loaders, in bytes. It decides the shuffle window of a new run.
    ///   - workers: number of loader threads.
    ///   - checked: receives the progress of the shard check, which comes first if the run skips bad shards.
    public static func make(
        _ configuration: RunConfiguration, folder: RunFolder, resuming recorded: RunConfiguration?, backend: any Backend,
        memory: Int = ShardSet.defaultMemory, workers: Int = 2, cancellation: Cancellation, checked: ShardCheckProgress? = nil,
        observer: any TrainingObserver
    ) throws(TrainingError) -> RunPreparation? {
        do throws(TrainingError) {
            return try prepare(
                configuration, folder: folder, resuming: recorded, backend: backend, memory: memory, workers: workers,
                cancellation: cancellation,
                checked: checked, observer: observer)
        } catch { throw error.ofARun }
    }

    private static func prepare(
        _ configuration: RunConfiguration, folder: RunFolder, resuming recorded: RunConfiguration?, backend: any Backend,
        memory: Int, workers: Int, cancellation: Cancellation, checked: ShardCheckProgress?, observer: any TrainingObserver
    ) throws(TrainingError) -> RunPreparation? {
        // A folder without a saved state has nothing to lose: a run that stopped before its first save may start again.
        if recorded == nil, folder.holdsState { throw .runExists(path: folder.path) }
        try TrainingError.wrapping { () throws(EventFileError) in try EventFile.Writer.check(folder: folder.events) }
        var configuration = configuration
        // Initial weights that do not exist or are no weights are reported first.
        let initial = recorded == nil ? try configuration.initialWeights.map(CheckpointStore.open) : nil
        let known = recorded == nil ? nil : try CheckpointStore.state(of: folder).quarantined
        guard
            let quarantined = try RunQuarantine.find(
                configuration, recorded: known ?? [], cancellation: cancellation, progress: checked)
        else { return nil }
        for shard in quarantined {
            observer.note(
                "left out (--skip-bad): \(configuration.shards)/\(shard.split)/\(shard.shard), \(shard.samples) samples: \(shard.reason)")
        }
        var train = try open(configuration.shards, split: "train", leavingOut: quarantined.names(of: "train"))
        var validation = try open(configuration.shards, split: "val", leavingOut: quarantined.names(of: "val"))
        guard train.vocabularySHA256 == validation.vocabularySHA256, train.channels == validation.channels,
            train.imageSize == validation.imageSize, train.tokenLength == validation.tokenLength,
            train.hasCaptions == validation.hasCaptions
        else { throw .shardsChanged(path: configuration.shards, split: "train and val") }
        let descriptor = try TrainingError.wrapping { () throws(NetworkError) in
            let descriptor = try ModelZoo.descriptor(named: configuration.model.name)
            configuration.model = try descriptor.checked(configuration.model)
            return descriptor
        }
        let multiple = descriptor.image(configuration.model).multiple
        guard train.imageSize % multiple == 0 else {
            throw .imageSizeNotAMultiple(found: train.imageSize, of: multiple, shards: configuration.shards)
        }
        if let fault = try TrainingError.wrapping({ () throws(ShardError) in try MaskContrast.fault(of: train) }) {
            throw .masksWithoutContrast(path: configuration.shards + "/train", reason: fault)
        }
        configuration.trainFingerprint = train.identity
        configuration.validationFingerprint = validation.identity
        if let recorded {
            if recorded.trainFingerprint != train.identity, let wanted = imageSize(of: folder), wanted != train.imageSize {
                throw .otherSize(
                    path: configuration.shards, found: train.imageSize, wanted: wanted,
                    command: ShardAdvice.remaking(configuration.shards, size: wanted))
            }
            if recorded.trainFingerprint != train.identity { throw .shardsChanged(path: configuration.shards, split: "training") }
            if recorded.validationFingerprint != validation.identity {
                throw .shardsChanged(path: configuration.shards, split: "validation")
            }
        }
        configuration.shuffleWindow = try window(train, validation, configuration, recorded: recorded, memory: memory, workers: workers)
        if let window = configuration.shuffleWindow, recorded == nil {
            observer.note(
                "the training split does not fit into the loader's memory: samples are shuffled within \(window) shards at a time")
        }
        let readsText = descriptor.readsText(configuration.model)
        if readsText, !train.hasCaptions { throw RunCaptions.missing(configuration, descriptor) }
        var vocabulary: Vocabulary?
        if readsText {
            let captions = try RunCaptions(configuration, folder: folder, recorded: recorded, train: train, validation: validation)
            (train, validation, vocabulary) = (captions.train, captions.validation, captions.tokenizer.vocabulary)
            configuration.tokenizer = captions.record
            if let note = captions.note { observer.note(note) }
        } else if train.storesTokens {
            vocabulary = try RunCaptions.stored(train, of: configuration.shards)
        }
        configuration.vocabularySHA256 = vocabulary?.sha256
        var mirrored: MirroredCaptions?
        if configuration.augmentation == .full, train.hasCaptions {
            let set = train, own = vocabulary
            mirrored = try TrainingError.wrapping { () throws(ShardError) in try MirroredCaptions(of: set, vocabulary: own) }
        }
        var features: TextFeatureCache?
        let images =
            "\(train.count) training and \(validation.count) validation images of \(train.channels == 1 ? "one channel" : "three channels")"
        if readsText, let vocabulary {
            let encoder = try encoder(configuration, vocabulary: vocabulary, backend: backend, observer: observer)
            configuration.textEncoderIdentity = encoder.identity
            if let recorded, recorded.textEncoderIdentity != encoder.identity {
                throw .settingsDiffer(
                    option: "text-encoder", given: encoder.folder ?? "none", recorded: recorded.textEncoder ?? "none", path: folder.path)
            }
            configuration.model.text = TextShape(tokens: train.tokenLength, width: encoder.width)
            if let initial { try CheckpointStore.checkInitial(initial, for: configuration.model, backend: backend) }
            for note in encoder.notes { observer.note(note) }
            let sets = [train, validation], others = mirrored?.tokens ?? []
            let captions = try TrainingError.wrapping { () throws(ShardError) in
                try sets[0].distinctTokens() + sets[1].distinctTokens() + others
            }
            var filled = TextFeatureCache(tokens: train.tokenLength, width: encoder.width)
            let whole = try encoder.fill(&filled, with: captions, source: configuration.shards, cancellation: cancellation) {
                observer.captionsEncoded($0, of: $1)
            }
            guard whole else { return nil }
            observer.note("\(images); \(filled.count) distinct captions encoded")
            features = filled
        } else {
            if configuration.textEncoder != nil { throw .textEncoderNotUsed(model: descriptor.name, everReadsText: descriptor.text != nil) }
            if let initial { try CheckpointStore.checkInitial(initial, for: configuration.model, backend: backend) }
            let captions =
                train.hasCaptions
                ? "\(descriptor.name) reads no captions\(descriptor.text == nil ? "" : " with these options")" : "captions: none"
            observer.note("\(images); \(captions)")
        }
        if configuration.augmentation == .full, !train.hasCaptions {
            observer.note("--augment full: without captions, every image may be flipped in both directions")
        }
        if let mirrored { observer.note(note(on: mirrored)) }
        let metadata = CheckpointMetadata(
            model: configuration.model, textEncoder: configuration.textEncoder,
            textEncoderIdentity: features == nil ? nil : configuration.textEncoderIdentity, vocabularySHA256: vocabulary?.sha256,
            channels: train.channels, imageSize: train.imageSize, imageBits: train.imageBits, programVersion: configuration.programVersion)
        if recorded == nil {
            try TrainingError.wrapping { () throws(FileError) in
                try FileIO.createFolder(folder.path)
                // The settings are written first: they mark the folder as a run's.
                try configuration.write(to: folder.configuration)
                // What an earlier attempt left would be read as this run's.
                try FileIO.remove(folder.vocabulary)
                if vocabulary != nil { try FileIO.remove(folder.file(Sharding.settingsName)) }
                do throws(TextError) { try vocabulary?.write(to: folder.vocabulary) } catch {
                    if case .vocabularyUnwritable(let reason) = error { throw reason }
                }
            }
        } else if let recorded, recorded.skipsBad != configuration.skipsBad {
            var changed = recorded
            changed.skipsBad = configuration.skipsBad
            try TrainingError.wrapping { () throws(FileError) in try changed.write(to: folder.configuration) }
        }
        return RunPreparation(
            configuration: configuration, folder: folder,
            data: TrainingData(
                train: train, validation: validation, features: features, mirroredCaptions: mirrored, metadata: metadata,
                quarantined: quarantined,
                configuration: configuration),
            resumes: recorded != nil)
    }

    /// The image size that the run's weights state, if they state one.
    private static func imageSize(of folder: RunFolder) -> Int? {
        guard let file = try? CheckpointStore.open(folder.last) else { return nil }
        return (try? CheckpointMetadata(file.metadata, path: folder.last))?.imageSize
    }

    /// Divides the memory between the two loaders, and determines the shuffle window if none is recorded.
    private static func window(
        _ train: ShardSet, _ validation: ShardSet, _ configuration: RunConfiguration, recorded: RunConfiguration?, memory: Int, workers: Int
    ) throws(TrainingError) -> Int? {
        try TrainingError.wrapping { () throws(ShardError) in
            // Validation reads its shards in order and needs few of them.
            let part = memory / 8
            var options = LoaderOptions(batchSize: configuration.batchSize, shuffle: false, workers: workers)
            _ = try validation.plan(memory: part, for: options)
            options.shuffle = true
            options.shuffleWindow = recorded?.shuffleWindow
            return try train.plan(memory: memory - part, for: options)
        }
    }

    /// How many captions are rewritten for a flip, and why the other captions' images are not flipped.
    private static func note(on captions: MirroredCaptions) -> String {
        func part(_ refused: [(caption: String, word: String)], _ flip: String) -> String {
            guard let first = refused.first else { return "all \(captions.count) distinct captions can be rewritten for a \(flip) flip" }
            return
                "\(captions.count - refused.count) of \(captions.count) distinct captions can be rewritten for a \(flip) flip; images of "
                + "the "
                + "others are not flipped"
                + " (such as \"\(first.caption)\", because of the word \"\(first.word)\")"
        }
        return "--augment full: " + part(captions.refusedHorizontally, "left-right") + "; " + part(captions.refusedVertically, "top-bottom")
    }

    /// Opens one split of a shard folder.
    package static func open(_ shards: String, split: String, leavingOut leftOut: Set<String> = []) throws(TrainingError) -> ShardSet {
        try checkFolders(shards, split: split)
        return try TrainingError.wrapping { () throws(ShardError) in try ShardSet(folder: shards + "/" + split, leavingOut: leftOut) }
    }

    /// - Throws: obvious errors of a shard folder, and which folder was meant.
    public static func checkFolders(_ shards: String, split: String) throws(TrainingError) {
        guard FileIO.isFolder(shards), !FileIO.exists(shards + "/" + MDSIndex.name) else {
            throw .notShards(path: shards, hint: ShardAdvice.hint(for: shards))
        }
        guard FileIO.isFolder(shards + "/" + split) else {
            let any = Split.allCases.contains { FileIO.isFolder(shards + "/" + $0.rawValue) }
            throw any ? .splitMissing(folder: shards, split: split) : .notShards(path: shards, hint: ShardAdvice.hint(for: shards))
        }
    }

    private static func encoder(
        _ configuration: RunConfiguration, vocabulary: Vocabulary, backend: any Backend, observer: any TrainingObserver
    ) throws(TrainingError) -> CaptionEncoder {
        guard let folder = configuration.textEncoder else {
            observer.note(
                "no --text-encoder: captions are encoded by an untrained, deterministic encoder; use CXR-BERT to reproduce the "
                    + "published results"
            )
            return CaptionEncoder(untrainedFor: vocabulary, backend: backend)
        }
        return try CaptionEncoder(folder: folder, backend: backend)
    }
}

extension ShardSet {
    /// The identity of these shards: their fingerprint, or the hash of their index if another program wrote them.
    package var identity: String { fingerprint ?? Digest.sha256(declared.text) }
}
