// A split's captions, as text and as tokens, rewritten for mirrored images. Made once before training, so that a loader only looks them up
// and the text encoder encodes each distinct caption once.
// Invariant: the tokens are those that the tokenizer of the stored tokens gives the rewritten caption. Every stored caption is checked
// against that tokenizer.
import Text

public struct MirroredCaptions: Sendable {
    /// A caption under one mirroring.
    public struct Rewritten: Sendable, Equatable {
        public let caption: String
        /// Nil if the set has none.
        public let tokens: TokenSequence?
    }

    /// The possible mirrorings, in this order.
    static let mirrorings = [
        Mirroring(horizontal: true, vertical: false), Mirroring(horizontal: false, vertical: true),
        Mirroring(horizontal: true, vertical: true),
    ]

    private let rewritten: [String: [Rewritten?]]
    /// Number of captions that cannot be rewritten for a horizontal or a vertical flip, by the word that prevents it.
    public let refusedHorizontally: [(caption: String, word: String)]
    public let refusedVertically: [(caption: String, word: String)]
    /// Number of distinct captions.
    public var count: Int { rewritten.count }

    /// - Parameter vocabulary: that of the set's tokens; nil if it has none.
    /// - Throws: `vocabulary` if the vocabulary does not give the set's tokens.
    public init(of shards: ShardSet, vocabulary: Vocabulary?) throws(ShardError) {
        let tokenizer = vocabulary.map { WordPieceTokenizer(vocabulary: $0) }
        let length = shards.tokenLength
        func tokens(_ caption: String) -> TokenSequence? { tokenizer?.encode(CaptionText.normalised(caption), length: length) }
        var rewritten: [String: [Rewritten?]] = [:]
        var refused: [[(caption: String, word: String)]] = Array(repeating: [], count: Self.mirrorings.count)
        for (caption, stored) in try shards.distinctCaptions() {
            let own = tokens(caption)
            guard own?.ids == stored?.ids, own?.attention == stored?.attention else {
                throw .vocabulary(
                    reason:
                        "\(shards.folder): vocab.txt beside the shards does not give the stored tokens of \"\(caption)\", "
                        + "so captions"
                        + " of flipped images cannot be tokenised like the stored ones; make the shards again with `prep shard`, or use "
                        + "--augment reference"
                )
            }
            rewritten[caption] = Self.mirrorings.indices.map { place in
                switch MirroredCaption.rewrite(caption, Self.mirrorings[place]) {
                case .caption(let text): return Rewritten(caption: text, tokens: tokens(text))
                case .refused(let word):
                    refused[place].append((caption, word))
                    return nil
                }
            }
        }
        self.rewritten = rewritten
        refusedHorizontally = refused[0]
        refusedVertically = refused[1]
    }

    /// Nil if the caption cannot be rewritten, or if the shards do not contain it.
    public func rewritten(_ caption: String, _ mirroring: Mirroring) -> Rewritten? {
        guard let place = Self.mirrorings.firstIndex(of: mirroring), let all = rewritten[caption] else { return nil }
        return all[place]
    }

    /// The tokens of all rewritten captions, in an order that depends only on the captions.
    public var tokens: [TokenSequence] {
        rewritten.sorted { $0.key < $1.key }.flatMap { $0.value.compactMap { $0?.tokens } }
    }
}

extension ShardSet {
    /// The distinct captions, with their tokens, in order of first appearance.
    func distinctCaptions() throws(ShardError) -> [(caption: String, tokens: TokenSequence?)] {
        var seen = Set<String>(), result: [(caption: String, tokens: TokenSequence?)] = []
        for index in 0..<count {
            guard let caption = try texts(of: index).caption else { continue }
            if seen.insert(caption).inserted { result.append((caption, try sample(at: index).tokens)) }
        }
        return result
    }

    /// One sample as training sees it in an epoch, and its changes.
    public func augmentedSample(
        at index: Int, _ augmentation: Augmentation, seed: UInt64, epoch: Int, captions: MirroredCaptions?
    ) throws(ShardError) -> (sample: ShardSample, plan: AugmentationPlan) {
        let stored = try sample(at: index)
        let plan = AugmentationPlan(augmentation, seed: seed, epoch: epoch, sample: index) { mirroring in
            // Without a caption there is no text to keep true.
            stored.caption.map { captions?.rewritten($0, mirroring) != nil } ?? true
        }
        var image = stored.image, mask = stored.mask
        image.withUnsafeMutableBufferPointer { image in
            mask.withUnsafeMutableBufferPointer { mask in plan.apply(image, mask, width: imageWidth, height: imageHeight) }
        }
        let rewritten = stored.caption.flatMap { captions?.rewritten($0, plan.mirroring) }
        let sample = ShardSample(
            id: stored.id, image: image, mask: mask, caption: rewritten?.caption ?? stored.caption,
            tokens: rewritten?.tokens ?? stored.tokens, width: stored.width, height: stored.height)
        return (sample, plan)
    }
}

extension BatchSlot {
    /// Augments a sample in place: its pixels and, if it is mirrored, its caption and tokens.
    func augment(_ place: Int, _ options: LoaderOptions, epoch: Int, sample: Int, width: Int, height: Int) {
        guard options.augmentation != .none else { return }
        let caption = caption(place)
        let plan = AugmentationPlan(options.augmentation, seed: options.seed, epoch: epoch, sample: sample) { mirroring in
            // Without a caption there is no text to keep true.
            caption.map { options.mirroredCaptions?.rewritten($0, mirroring) != nil } ?? true
        }
        let (image, mask) = pixels(place)
        plan.apply(image, mask, width: width, height: height)
        guard let caption, let rewritten = options.mirroredCaptions?.rewritten(caption, plan.mirroring) else { return }
        replaceCaption(place, by: rewritten.caption)
        if let tokens = rewritten.tokens { replaceTokens(place, by: tokens) }
    }
}
