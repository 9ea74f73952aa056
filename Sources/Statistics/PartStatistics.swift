// The measures of one split, or of all of them together.
import Datasets
import Text

public struct PartStatistics: Codable, Sendable, Equatable {
    public let samples: Int
    /// How many images have each size, keys such as "256x256".
    public let sizes: [String: Int]
    /// How many images have 1 and how many have 3 channels.
    public let grey: Int, colour: Int
    /// Share of foreground pixels per mask; nil without samples.
    public let foreground: Distribution?
    public let emptyMasks: Int
    /// Words in a caption, divided at white space.
    public let captionWords: Distribution?
    /// Tokens in a caption with [CLS] and [SEP]; nil where no vocabulary is known.
    public let captionTokens: Distribution?
    public let truncatedCaptions: Int?
    /// Words that the vocabulary cannot spell, in all captions together.
    public let unknownWords: Int?
    /// Different captions, white space aside.
    public let distinctCaptions: Int
    /// How many captions have each oddity, by CaptionOddity's name.
    public let oddities: [String: Int]

    public init(_ measures: [SampleMeasure]) {
        samples = measures.count
        sizes = Dictionary(grouping: measures) { "\($0.width)x\($0.height)" }.mapValues(\.count)
        grey = measures.count { $0.channels == 1 }
        colour = measures.count { $0.channels == 3 }
        foreground = Distribution(measures.map(\.foreground))
        emptyMasks = measures.count { $0.foreground == 0 }
        let captions = measures.map { CaptionText.normalised($0.caption) }
        captionWords = Distribution(captions.map { Double($0.split(separator: " ").count) })
        distinctCaptions = Set(captions).count
        let tokens = measures.compactMap(\.tokens)
        let known = !measures.isEmpty && tokens.count == measures.count
        captionTokens = known ? Distribution(tokens.map { Double($0.count) }) : nil
        truncatedCaptions = known ? tokens.count(where: \.isTruncated) : nil
        unknownWords = known ? tokens.map(\.unknown).reduce(0, +) : nil
        var oddities: [String: Int] = [:]
        for measure in measures { for oddity in CaptionText.oddities(measure.caption) { oddities[oddity.rawValue, default: 0] += 1 } }
        self.oddities = oddities
    }
}
