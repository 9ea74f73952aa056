// The variants of captions that show whether a network reads its text. Listed once: a program's option and help take names and explanations
// from here.

/// What is done to every caption of a split before a network reads it.
public enum CaptionVariant: String, Sendable, CaseIterable {
    case original
    /// No text. Its name is `none`.
    case empty = "none"
    case mirrored
    case shuffled
    case wrongCount = "wrong-count"
    case generic

    /// As an option's value.
    public var name: String { rawValue }

    /// One line for help texts and tables.
    public var explanation: String {
        switch self {
        case .original: "the caption as written"
        case .empty: "no text"
        case .mirrored: "left and right exchanged"
        case .shuffled: "the caption of another sample of the split"
        case .wrongCount: "another number of lesions: one becomes two, every other number one"
        case .generic: "the name of the target alone, without position, number, size, shape or colour"
        }
    }

    /// The captions of a split under this variant.
    /// - Parameters:
    ///   - captions: all captions of the split, in its order. `shuffled` and `wrongCount` depend on the whole list.
    ///   - seed: only `shuffled` draws.
    public func apply(to captions: [String], seed: UInt64) -> VariedCaptions {
        let varied: [VariedCaption]
        switch self {
        case .original: varied = captions.map { VariedCaption(kept: $0, .asWritten) }
        case .empty: varied = captions.map { $0.isEmpty ? VariedCaption(kept: $0, .noText) : VariedCaption("") }
        case .mirrored: varied = rewritten(captions, MirroredVariant.rewrite)
        case .shuffled:
            varied = zip(captions, ShuffledCaptions.sources(captions, seed: seed)).map { own, source in
                VariedCaption(captions[source], insteadOf: own, else: .noOtherText)
            }
        case .wrongCount:
            let nouns = CountedNouns(of: captions)
            varied = rewritten(captions) { WrongCount.rewrite($0, nouns) }
        case .generic: varied = rewritten(captions, GenericCaption.rewrite)
        }
        return VariedCaptions(variant: self, captions: varied)
    }

    /// Rewrites each distinct caption once: LViT's sheets repeat theirs many times.
    private func rewritten(_ captions: [String], _ rewrite: (String) -> VariedCaption) -> [VariedCaption] {
        var known: [String: VariedCaption] = [:]
        return captions.map { caption in
            if let known = known[caption] { return known }
            let result = rewrite(caption)
            known[caption] = result
            return result
        }
    }
}

/// One caption under a variant.
public struct VariedCaption: Sendable, Equatable {
    public let caption: String
    /// Why the caption is as written; nil if it changed.
    public let unchanged: UnchangedCaption?
    /// Whether it says something else than the original, apart from white space and capitals.
    public var isChanged: Bool { unchanged == nil }

    init(_ caption: String) {
        self.caption = caption
        unchanged = nil
    }

    init(kept caption: String, _ reason: UnchangedCaption) {
        self.caption = caption
        unchanged = reason
    }

    init(_ caption: String, insteadOf own: String, else reason: UnchangedCaption) {
        let same = CaptionText.normalised(caption).lowercased() == CaptionText.normalised(own).lowercased()
        self = same ? VariedCaption(kept: own, reason) : VariedCaption(caption)
    }
}

/// Why a variant leaves a caption as written.
public enum UnchangedCaption: String, Sendable, CaseIterable {
    case asWritten, noText, noSide, sideInDoubt, sidesAlike, noOtherText, noCount, countOfZero, noTarget, alreadyGeneric

    /// As in "12 captions: name no side".
    public var description: String {
        switch self {
        case .asWritten: "are the original"
        case .noText: "have no text"
        case .noSide: "name no side"
        case .sideInDoubt: "hold a word whose side is in doubt"
        case .sidesAlike: "say the same of both sides"
        case .noOtherText: "could only get their own text"
        case .noCount: "state no number of lesions"
        case .countOfZero: "state that there is no lesion"
        case .noTarget: "name no known target"
        case .alreadyGeneric: "hold nothing but the target's name"
        }
    }
}

/// The captions of a split under a variant, in the split's order.
public struct VariedCaptions: Sendable, Equatable {
    public let variant: CaptionVariant
    public let captions: [VariedCaption]

    public var changedCount: Int { captions.count(where: \.isChanged) }

    /// How many captions are as written, by reason; reasons without captions are left out.
    public var unchangedCounts: [(reason: UnchangedCaption, count: Int)] {
        UnchangedCaption.allCases.compactMap { reason in
            let count = captions.count { $0.unchanged == reason }
            return count > 0 ? (reason, count) : nil
        }
    }

    /// For a table: "changed in 812 of 998".
    public var summary: String { "changed in \(changedCount) of \(captions.count)" }
}
