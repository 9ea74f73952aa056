// The captions of a run that reads them: which vocabulary, both splits with its tokens, and what config.json says of it.
// Not for the text encoder (CaptionEncoder) nor the features (TextFeatureCache).
// Invariant: a resumed run has the tokenizer that it began with, whatever became of the shards' own tokens.
import Datasets
import Files
import Networks
import Shards
import Text

struct RunCaptions {
    let tokenizer: CaptionTokenizer
    let train: ShardSet
    let validation: ShardSet
    let record: TokenizerRecord
    /// What a person should know.
    let note: String?

    init(
        _ configuration: RunConfiguration, folder: RunFolder, recorded: RunConfiguration?, train: ShardSet, validation: ShardSet
    ) throws(TrainingError) {
        let shards = configuration.shards
        let (vocabulary, place) = try Self.vocabulary(configuration, folder, resumes: recorded != nil, train)
        let encoder = configuration.textEncoder
        tokenizer = CaptionTokenizer(
            vocabulary: vocabulary, source: encoder == nil ? place : "\(place)'s vocabulary",
            length: configuration.model.text?.tokens ?? train.tokenLength)
        if let recorded {
            let isOther =
                recorded.vocabularySHA256.map { $0 != vocabulary.sha256 } ?? false
                || recorded.tokenizer.map { $0.keepsCase != vocabulary.keepsCase } ?? false
            if isOther { throw .otherTokenizer(path: folder.path, given: place, recorded: recorded.tokenizer?.vocabulary) }
        }
        let tokenised = try tokenizer.tokenise([train, validation], of: shards)
        (self.train, self.validation) = (tokenised.shards[0], tokenised.shards[1])
        note = tokenised.note
        record = TokenizerRecord(
            vocabulary: place, sha256: vocabulary.sha256, keepsCase: vocabulary.keepsCase, length: tokenizer.length, onLoad: note != nil)
    }

    /// The vocabulary, and where it came from: the text encoder's folder; for the untrained encoder the run's own file, where it has one,
    /// else the shards', else the captions.
    private static func vocabulary(
        _ configuration: RunConfiguration, _ folder: RunFolder, resumes: Bool, _ train: ShardSet
    ) throws(TrainingError) -> (Vocabulary, String) {
        if let encoder = configuration.textEncoder { return (try read(encoder), encoder) }
        if resumes, FileIO.exists(folder.vocabulary) { return (try read(folder.vocabulary), folder.vocabulary) }
        let beside = configuration.shards + "/" + Sharding.vocabularyName
        if train.storesTokens || FileIO.exists(beside) { return (try stored(train, of: configuration.shards), beside) }
        return (.built(from: try captions(of: configuration.shards, train)), "a vocabulary built from the captions")
    }

    /// The vocabulary beside shards, which must be the one that their tokens are for.
    static func stored(_ shards: ShardSet, of folder: String) throws(TrainingError) -> Vocabulary {
        let vocabulary = try read(folder + "/" + Sharding.vocabularyName)
        guard shards.vocabularySHA256 ?? vocabulary.sha256 == vocabulary.sha256 else { throw .vocabularyChanged(shards: folder) }
        return vocabulary
    }

    /// Of every split that is there: then the vocabulary is the one that `prep shard` builds.
    private static func captions(of shards: String, _ train: ShardSet) throws(TrainingError) -> [String] {
        var captions: [String] = []
        for split in Split.allCases where FileIO.exists("\(shards)/\(split.rawValue)/\(MDSIndex.name)") {
            let set = split == .train ? train : try RunPreparation.open(shards, split: split.rawValue)
            captions += try TrainingError.wrapping { () throws(ShardError) in try set.captions() }.map(CaptionText.normalised)
        }
        return captions
    }

    private static func read(_ path: String) throws(TrainingError) -> Vocabulary {
        do throws(TextError) { return try Vocabulary(contentsOf: path) } catch { throw .text(error) }
    }

    /// The error of a network that reads captions, and shards that have none.
    static func missing(_ configuration: RunConfiguration, _ descriptor: ModelDescriptor) -> TrainingError {
        var ways = ModelZoo.models.filter { $0.text == nil }.map { "--model \($0.name)" }
        for option in descriptor.options {
            guard case .choice(let words) = option.values else { continue }
            for word in words {
                var other = configuration.model
                other.options[option.name] = word
                if !descriptor.readsText(other) { ways.append("--model-option \(option.name)=\(word)") }
            }
        }
        return .shardsWithoutCaptions(path: configuration.shards, model: descriptor.name, ways: ways)
    }
}
