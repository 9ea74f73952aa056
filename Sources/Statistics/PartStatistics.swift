// The statistics of one split, or of all splits together.
import Datasets
import Text

public struct PartStatistics: Codable, Sendable, Equatable {
    public let samples: Int
    /// Number of images per size; keys such as "256x256".
    public let sizes: [String: Int]
    /// Number of grey and of coloured images; `greyStoredAsColour` of the grey ones have three equal channels.
    public let grey: Int, colour: Int, greyStoredAsColour: Int
    /// One entry for grey datasets, three for coloured ones.
    public let intensity: [ChannelIntensity]
    public let masks: MaskStatistics
    public let captions: CaptionStatistics

    public init(_ measures: [SampleMeasure], reading: SideConvention.Reading = .viewer) {
        samples = measures.count
        sizes = Dictionary(grouping: measures) { "\($0.width)x\($0.height)" }.mapValues(\.count)
        grey = measures.count { $0.intensity.channels == 1 }
        colour = measures.count - grey
        greyStoredAsColour = measures.count { $0.intensity.channels == 1 && $0.channels == 3 }
        intensity = ChannelIntensity.measured(measures.map(\.intensity))
        masks = MaskStatistics(measures.map(\.mask))
        captions = CaptionStatistics(measures, reading: reading)
    }
}

public struct MaskStatistics: Codable, Sendable, Equatable {
    /// Share of foreground pixels per mask; nil without samples. Its mean is the share of foreground in training.
    public let foreground: Distribution?
    /// Histogram of the shares, in bins of 2.5 %.
    public let foregroundHistogram: Histogram
    public let empty: Int
    /// Background pixels per foreground pixel, with equal weight for every mask; nil if there is no foreground.
    public let backgroundToForeground: Double?
    /// Connected components per mask (8-connectivity).
    public let lesions: Distribution?
    /// Number of masks with 0, 1, 2 ... 9 and with 10 or more components.
    public let lesionHistogram: [Int]
    /// Number of components that are specks (see MaskShape.specks) in all masks together, and number of masks with one.
    public let specks: Int, masksWithSpecks: Int
    /// Sizes of the components: as share of the image, and in pixels of the measured mask.
    public let lesionShare: Distribution?, lesionPixels: Distribution?
    /// The mean mask: for each of 32x32 cells, row by row, the mean share of foreground over all masks.
    public let heatMap: [Double]

    public init(_ masks: [MaskShape]) {
        let shares = masks.map(\.foreground)
        foreground = Distribution(shares)
        foregroundHistogram = Histogram(shares, start: 0, width: 0.025, bins: 40)
        empty = masks.count { $0.lesions.isEmpty }
        let mean = foreground?.mean ?? 0
        backgroundToForeground = mean > 0 ? (1 - mean) / mean : nil
        lesions = Distribution(masks.map { Double($0.lesions.count) })
        lesionHistogram = Histogram(masks.map { Double($0.lesions.count) }, start: 0, width: 1, bins: 11).counts
        specks = masks.reduce(0) { $0 + $1.specks }
        masksWithSpecks = masks.count { $0.specks > 0 }
        lesionShare = Distribution(masks.flatMap { mask in mask.lesions.map { Double($0) / Double(mask.pixels) } })
        lesionPixels = Distribution(masks.flatMap { $0.lesions.map(Double.init) })
        var sums = [Double](repeating: 0, count: MaskShape.gridSide * MaskShape.gridSide)
        for mask in masks { for (index, share) in mask.grid.enumerated() { sums[index] += Double(share) } }
        heatMap = masks.isEmpty ? [] : sums.map { $0 / Double(masks.count) }
    }
}

public struct CaptionStatistics: Codable, Sendable, Equatable {
    /// Words per caption, split at white space.
    public let words: Distribution?
    public let wordHistogram: Histogram
    /// Tokens per caption, with [CLS] and [SEP]; nil if no vocabulary is known.
    public let tokens: Distribution?
    public let tokenHistogram: Histogram?
    public let truncated: Int?
    /// Number of words that the vocabulary cannot spell in all captions together, and number of captions with one.
    public let unknownWords: Int?, withUnknownWords: Int?
    /// Number of different captions, ignoring white space, and how often the most frequent one occurs.
    public let distinct: Int, mostRepeated: Int
    /// Number of captions with each oddity, by CaptionOddity's name.
    public let oddities: [String: Int]
    public let vocabulary: WordCounts
    public let agreement: CaptionAgreement

    init(_ measures: [SampleMeasure], reading: SideConvention.Reading) {
        let captions = measures.compactMap { $0.caption.map(CaptionText.normalised) }
        let lengths = captions.map { $0.split(separator: " ").count }
        words = Distribution(lengths.map(Double.init))
        wordHistogram = Histogram(whole: lengths)
        let repeats = Dictionary(grouping: captions) { $0 }.mapValues(\.count)
        distinct = repeats.count
        mostRepeated = repeats.values.max() ?? 0
        let tokens = measures.compactMap(\.tokens), known = !measures.isEmpty && tokens.count == measures.count
        self.tokens = known ? Distribution(tokens.map { Double($0.count) }) : nil
        tokenHistogram = known ? Histogram(whole: tokens.map(\.count)) : nil
        truncated = known ? tokens.count(where: \.isTruncated) : nil
        unknownWords = known ? tokens.map(\.unknown).reduce(0, +) : nil
        withUnknownWords = known ? tokens.count { $0.unknown > 0 } : nil
        var oddities: [String: Int] = [:]
        for oddity in measures.compactMap(\.caption).flatMap(CaptionText.oddities) { oddities[oddity.rawValue, default: 0] += 1 }
        self.oddities = oddities
        vocabulary = WordCounts(captions)
        agreement = CaptionAgreement(measures, reading: reading)
    }
}
