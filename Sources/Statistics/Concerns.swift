// Which samples a person should look at first, and why. The ranking is heuristic: each reason has a weight, and a sample's rank is the sum.
// Does not judge: many listed samples are right; the text says what was found, not what is wrong.
import Datasets
import Foundation
import Text

/// One reason for a person to look at a sample.
public struct Concern: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case leakage, uniformImage, describesEmptyMask, deniesMask, placeMissing, fullMask, emptyMask, wrongLaterality, countDiffers
        case contradictsItself, largeMask, smallMask, darkImage, brightImage, specks, truncated, unknownWords, oddCaption

        /// Whether the reason alone hardly justifies a look.
        public var isSmall: Bool { weight <= 1 }

        /// The weight of the reason in the ranking.
        var weight: Double {
            switch self {
            case .leakage, .uniformImage: 4
            case .describesEmptyMask, .deniesMask, .fullMask: 3
            case .placeMissing, .wrongLaterality: 2
            case .largeMask, .smallMask, .emptyMask: 1.5
            case .countDiffers, .contradictsItself, .darkImage, .brightImage: 1
            case .specks, .truncated, .unknownWords: 0.5
            case .oddCaption: 0.25
            }
        }

        /// The reason in words, as the heading of a list.
        public var title: String {
            switch self {
            case .leakage: "twin in another split"
            case .uniformImage: "picture of almost one value"
            case .describesEmptyMask: "caption describes a lesion, mask is empty"
            case .deniesMask: "caption says there is nothing, mask is not empty"
            case .placeMissing: "caption names a place where the mask is not"
            case .fullMask: "mask covers almost everything"
            case .emptyMask: "empty mask"
            case .wrongLaterality: "one side or both: caption and mask differ"
            case .countDiffers: "caption names another number of lesions"
            case .contradictsItself: "caption contradicts itself"
            case .largeMask: "unusually large mask"
            case .smallMask: "unusually small mask"
            case .darkImage: "unusually dark picture"
            case .brightImage: "unusually bright picture"
            case .specks: "specks beside the lesions"
            case .truncated: "caption is cut"
            case .unknownWords: "words unknown to the vocabulary"
            case .oddCaption: "oddly written caption"
            }
        }
    }

    public let kind: Kind
    /// What was found.
    public let text: String
}

public struct SuspiciousSample: Codable, Sendable, Equatable {
    public let id: String
    public let split: Split
    /// Nil in a set without captions.
    public let caption: String?
    /// The reason with the largest weight comes first.
    public let concerns: [Concern]
    public var weight: Double { concerns.reduce(0) { $0 + $1.kind.weight } }

    /// All samples with a concern, the most suspicious first, then by id.
    /// - Parameter twins: per id, the result of the leakage search.
    public static func ranked(
        _ measures: [SampleMeasure], reading: SideConvention.Reading, twins: [String: String] = [:]
    ) -> [SuspiciousSample] {
        let fences = Fences(measures)
        return measures.compactMap { measure -> SuspiciousSample? in
            var concerns = Self.concerns(measure, CaptionFindings(measure, reading: reading), fences)
            if let twin = twins[measure.id] { concerns.append(Concern(kind: .leakage, text: twin)) }
            guard !concerns.isEmpty else { return nil }
            concerns.sort { ($1.kind.weight, $0.kind.rawValue) < ($0.kind.weight, $1.kind.rawValue) }
            return SuspiciousSample(id: measure.id, split: measure.split, caption: measure.caption, concerns: concerns)
        }.sorted { ($1.weight, $0.id) < ($0.weight, $1.id) }
    }

    /// Tukey's far-out fences: three interquartile ranges beyond the quartiles.
    private struct Fences {
        let foreground: ClosedRange<Double>, brightness: ClosedRange<Double>
        let medianForeground: Double, medianBrightness: Double

        init(_ measures: [SampleMeasure]) {
            func range(_ values: [Double]) -> (ClosedRange<Double>, Double) {
                guard values.count >= 20, let spread = Distribution(values) else { return (-.infinity ... .infinity, 0) }
                let reach = 3 * (spread.p75 - spread.p25)
                return (spread.p25 - reach...spread.p75 + reach, spread.median)
            }
            // Shares range over powers of ten, so their logarithms are compared.
            let logs = range(measures.map(\.mask.foreground).filter { $0 > 0 }.map { log10($0) })
            (foreground, medianForeground) = (logs.0, pow(10, logs.1))
            (brightness, medianBrightness) = range(measures.map { $0.intensity.meanAndDeviation.mean })
        }
    }

    private static func concerns(_ measure: SampleMeasure, _ findings: CaptionFindings, _ fences: Fences) -> [Concern] {
        var concerns: [Concern] = []
        func add(_ kind: Concern.Kind, _ text: String) { concerns.append(Concern(kind: kind, text: text)) }
        let share = measure.mask.foreground
        for place in findings.missing { add(.placeMissing, "says \(place.words), where \(percent(place.share)) of the mask lies") }
        if findings.describesEmptyMask {
            add(.describesEmptyMask, "describes a lesion, but the mask is empty")
        } else if share == 0 {
            add(.emptyMask, "the mask is empty")
        }
        if findings.deniesMask { add(.deniesMask, "says there is nothing, but \(percent(share)) of the mask is foreground") }
        if findings.wrongLaterality {
            add(
                .wrongLaterality,
                measure.claims.saysBilateral ? "says bilateral, the mask is on one side" : "says unilateral, the mask is on both sides")
        }
        if findings.contradictsItself { add(.contradictsItself, "says unilateral, and names both sides") }
        if let count = findings.count {
            add(.countDiffers, "says \(count.said), the mask has \(count.found) lesion\(count.found == 1 ? "" : "s")")
        }
        if share > 0.9 {
            add(.fullMask, "the mask covers \(percent(share)) of the picture")
        } else if share > 0, log10(share) > fences.foreground.upperBound {
            add(.largeMask, "mask of \(percent(share)), median \(percent(fences.medianForeground))")
        } else if share > 0, log10(share) < fences.foreground.lowerBound {
            add(.smallMask, "mask of \(percent(share)), median \(percent(fences.medianForeground))")
        }
        let specks = measure.mask.specks
        if specks > 0 { add(.specks, "\(specks) speck\(specks == 1 ? "" : "s") beside the lesions") }
        let (mean, deviation) = measure.intensity.meanAndDeviation
        if deviation < 3 {
            add(.uniformImage, "almost one value: standard deviation \(fixed(deviation))")
        } else if mean < fences.brightness.lowerBound {
            add(.darkImage, "mean value \(fixed(mean)), median of the images \(fixed(fences.medianBrightness))")
        } else if mean > fences.brightness.upperBound {
            add(.brightImage, "mean value \(fixed(mean)), median of the images \(fixed(fences.medianBrightness))")
        }
        if let tokens = measure.tokens {
            if tokens.isTruncated { add(.truncated, "\(tokens.count) tokens do not fit") }
            if tokens.unknown > 0 { add(.unknownWords, "\(tokens.unknown) unknown word\(tokens.unknown == 1 ? "" : "s")") }
        }
        let oddities = measure.caption.map(CaptionText.oddities) ?? []
        if !oddities.isEmpty { add(.oddCaption, "caption with " + oddities.map(\.description).joined(separator: ", ")) }
        return concerns
    }

    private static func percent(_ share: Double) -> String {
        share == 0 ? "0 %" : share < 0.001 ? String(format: "%.3f %%", share * 100) : String(format: "%.1f %%", share * 100)
    }

    private static func fixed(_ value: Double) -> String { String(format: "%.1f", value) }
}
