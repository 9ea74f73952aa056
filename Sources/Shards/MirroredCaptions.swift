// The captions of a split as they read, and as tokens, when their picture is mirrored. Made once, before training, so that a loader only
// looks them up and the text encoder sees every one of them beforehand, each once.
// Invariant: tokens are what the tokenizer of the set's own tokens gives the rewritten caption; every caption is checked for being of that
// tokenizer.
import Text

public struct MirroredCaptions: Sendable {
    /// A caption under one mirroring.
    public struct Rewritten: Sendable, Equatable {
        public let caption: String
        /// Nil where the set has none.
        public let tokens: TokenSequence?
    }

    /// The mirrorings that exist, in this order.
    static let mirrorings = [
        Mirroring(horizontal: true, vertical: false), Mirroring(horizontal: false, vertical: true),
        Mirroring(horizontal: true, vertical: true),
    ]

    private let rewritten: [String: [Rewritten?]]
    /// Captions that cannot be rewritten for a horizontal or a vertical flip, with the word that prevents it.
    public let refusedHorizontally: [(caption: String, word: String)]
    public let refusedVertically: [(caption: String, word: String)]
    /// Distinct captions.
    public var count: Int { rewritten.count }

    /// - Parameter vocabulary: of the set's tokens; nil where it has none.
    /// - Throws: `vocabulary` where the vocabulary does not give the tokens that the set has.
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
                        "\(shards.folder): the vocabulary beside the shards does not give the stored tokens of \"\(caption)\", "
                        + "so captions of"
                        + " flipped pictures cannot be written as the shards' own; make the shards again with `prep shard`, or use "
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

    /// Nil where the caption cannot be rewritten, or is not one of the shards'.
    public func rewritten(_ caption: String, _ mirroring: Mirroring) -> Rewritten? {
        guard let place = Self.mirrorings.firstIndex(of: mirroring), let all = rewritten[caption] else { return nil }
        return all[place]
    }

    /// The tokens of all rewritten captions, in an order that depends on nothing but the captions.
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

    /// One sample as an epoch of training sees it, and what was done to it.
    public func augmentedSample(
        at index: Int, _ augmentation: Augmentation, seed: UInt64, epoch: Int, captions: MirroredCaptions?
    ) throws(ShardError) -> (sample: ShardSample, plan: AugmentationPlan) {
        let stored = try sample(at: index)
        let plan = AugmentationPlan(augmentation, seed: seed, epoch: epoch, sample: index) { mirroring in
            // Without a caption there is nothing to keep true.
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
    /// Augments a sample that is already here: its pixels, and, where it is mirrored, its caption and tokens.
    func augment(_ place: Int, _ options: LoaderOptions, epoch: Int, sample: Int, width: Int, height: Int) {
        guard options.augmentation != .none else { return }
        let caption = caption(place)
        let plan = AugmentationPlan(options.augmentation, seed: options.seed, epoch: epoch, sample: sample) { mirroring in
            // Without a caption there is nothing to keep true.
            caption.map { options.mirroredCaptions?.rewritten($0, mirroring) != nil } ?? true
        }
        let (image, mask) = pixels(place)
        plan.apply(image, mask, width: width, height: height)
        guard let caption, let rewritten = options.mirroredCaptions?.rewritten(caption, plan.mirroring) else { return }
        replaceCaption(place, by: rewritten.caption)
        if let tokens = rewritten.tokens { replaceTokens(place, by: tokens) }
    }
}
