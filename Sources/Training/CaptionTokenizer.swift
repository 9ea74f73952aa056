// Turns captions into the tokens that a network reads: a vocabulary and a length. Tokens in shards are a cache: they are used if they have
// this vocabulary and length; otherwise tokens are made of the captions when the shards are opened.
// Invariant: what is computed does not depend on which tokens the shards hold, or whether they hold any.
import Files
import Shards
import Text

public struct CaptionTokenizer: Sendable {
    public let vocabulary: Vocabulary
    /// In words: "models/text-encoder's vocabulary".
    public let source: String
    /// Tokens of a caption, N.
    public let length: Int

    public init(vocabulary: Vocabulary, source: String, length: Int) {
        self.vocabulary = vocabulary
        self.source = source
        self.length = length
    }

    /// Shards with the tokens that this gives.
    package struct Tokenised {
        package let shards: [ShardSet]
        /// The line that says why tokens were made and what captions lost; nil where the shards' own serve.
        package let note: String?
    }

    /// - Parameters:
    ///   - sets: splits of one folder of shards.
    ///   - folder: of the set, where the vocabulary of the shards' own tokens lies.
    package func tokenise(_ sets: [ShardSet], of folder: String) throws(TrainingError) -> Tokenised {
        let beside = try? Vocabulary(contentsOf: folder + "/" + Sharding.vocabularyName)
        var result: [ShardSet] = [], reason: String?, losses = CaptionLosses(), tokenizer: WordPieceTokenizer?
        for set in sets {
            guard let why = reasonToMake(set, beside) else {
                result.append(set)
                continue
            }
            // Made once, and only if it is needed: its tables take a tenth of a second.
            let own = tokenizer ?? WordPieceTokenizer(vocabulary: vocabulary)
            tokenizer = own
            let made = try TrainingError.wrapping { () throws(ShardError) in try set.tokenised(by: own, length: length) }
            result.append(made.shards)
            losses = losses + made.losses
            reason = reason ?? why
        }
        return Tokenised(shards: result, note: reason.map { words($0, losses) })
    }

    /// Why the shards' tokens cannot be used; nil if they can.
    /// - Parameter beside: the vocabulary beside the shards.
    private func reasonToMake(_ shards: ShardSet, _ beside: Vocabulary?) -> String? {
        guard shards.storesTokens else { return "the shards hold no tokens" }
        guard let stored = shards.vocabularySHA256 ?? beside?.sha256 else { return "the vocabulary of the shards' tokens is unknown" }
        guard stored == vocabulary.sha256 else { return "the shards' tokens are of another vocabulary" }
        // The hash does not tell whether capitals count; the settings beside the vocabulary do.
        guard let beside, beside.sha256 == stored else { return "the vocabulary of the shards' tokens is unknown" }
        guard beside.keepsCase == vocabulary.keepsCase else {
            return "the shards' tokens are of captions \(beside.keepsCase ? "with their capitals" : "in small letters")"
        }
        return shards.tokenLength == length ? nil : "the shards' tokens have length \(shards.tokenLength)"
    }

    private func words(_ reason: String, _ losses: CaptionLosses) -> String {
        "captions tokenised on load with \(source), \(length) tokens; \(reason); \(losses.truncated) "
            + "caption\(losses.truncated == 1 ? "" : "s") cut to the token length, \(losses.withUnknowns) with unknown words"
    }
}

/// How a run's captions became tokens, as config.json keeps it.
public struct TokenizerRecord: Codable, Sendable, Equatable {
    /// Where the vocabulary came from: a folder, a file, or words.
    public var vocabulary: String
    /// Of its tokens, one a line.
    public var sha256: String
    public var keepsCase: Bool
    /// Tokens of a caption.
    public var length: Int
    /// Whether tokens were made of the captions when the run began, in place of the shards' own.
    public var onLoad: Bool

    public init(vocabulary: String, sha256: String, keepsCase: Bool, length: Int, onLoad: Bool) {
        self.vocabulary = vocabulary
        self.sha256 = sha256
        self.keepsCase = keepsCase
        self.length = length
        self.onLoad = onLoad
    }
}
