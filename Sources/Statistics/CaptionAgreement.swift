// Whether captions agree with masks: places, numbers of lesions, sides. Also which left is meant: the viewer's or the patient's. In chest
// images the patient faces the viewer, so the patient's right is on the picture's left. Both readings are tried on all captions.

/// How left and right in the captions are read.
public struct SideConvention: Codable, Sendable, Equatable {
    public enum Reading: String, Codable, Sendable {
        /// Left in the caption is left in the picture.
        case viewer
        /// Left in the caption is right in the picture.
        case patient
    }

    /// The reading in use; the viewer's if the captions do not decide.
    public let reading: Reading
    /// Whether the captions decide: at least 5 captions name one side only, and three quarters of them fit one reading.
    public let isCertain: Bool
    /// Captions that name one side only, and whose mask has more foreground on one side than on the other.
    public let informative: Int
    /// Number of these captions that fit each reading.
    public let fitViewer: Int, fitPatient: Int

    public init(_ measures: [SampleMeasure]) {
        var viewer = 0, patient = 0
        for measure in measures {
            let cells = measure.mask.cells, total = cells.reduce(0, +)
            guard total > 0, let side = measure.claims.onlySide else { continue }
            let left = cells.enumerated().reduce(0) { $0 + ($1.offset % 4 < 2 ? $1.element : 0) }
            if 2 * left == total { continue }
            if (2 * left > total) == (side == .left) { viewer += 1 } else { patient += 1 }
        }
        (fitViewer, fitPatient, informative) = (viewer, patient, viewer + patient)
        isCertain = informative >= 5 && 4 * max(viewer, patient) >= 3 * informative
        reading = isCertain && patient > viewer ? .patient : .viewer
    }

    /// The convention as a sentence.
    public var sentence: String {
        if informative == 0 { return "no caption names one side only; left is taken as the picture's left" }
        let counts =
            "\(fitViewer) of \(informative) captions with one side fit the picture's left and right, \(fitPatient) the patient's (mirrored)"
        guard isCertain else { return "\(counts): too few or too mixed to tell; left is taken as the picture's left" }
        return reading == .viewer
            ? "left means the picture's left: \(counts)" : "left means the patient's left, which is the picture's right: \(counts)"
    }
}

/// The claims of one caption that its mask does not show.
public struct CaptionFindings: Sendable, Equatable {
    /// A claim of a place is true if at least this share of the foreground lies in the place.
    public static let wantedShare = 0.05

    /// Places without foreground, with the share of the foreground that lies in them.
    public let missing: [(words: String, share: Double)]
    public let namesPlaces: Bool
    /// Stated and found number of lesions, if they differ.
    public let count: (said: Int, found: Int)?
    public let namesCount: Bool
    /// The caption names a place or number, but the mask is empty.
    public let describesEmptyMask: Bool
    /// The caption says "no infection", but the mask is not empty.
    public let deniesMask: Bool
    public let contradictsItself: Bool
    /// The caption says "bilateral" but only one half has foreground, or "unilateral" but each half has at least 5 %.
    public let wrongLaterality: Bool

    public init(_ measure: SampleMeasure, reading: SideConvention.Reading) {
        let claims = measure.claims, mask = measure.mask, isEmpty = mask.lesions.isEmpty
        namesPlaces = !claims.places.isEmpty
        namesCount = claims.count != nil
        contradictsItself = claims.contradictsItself
        deniesMask = claims.deniesLesions && !isEmpty
        describesEmptyMask = isEmpty && (namesPlaces || namesCount)
        missing = claims.places.compactMap { place in
            guard let share = place.share(of: mask, mirrored: reading == .patient), share < Self.wantedShare else { return nil }
            return (place.words, share)
        }
        if let said = claims.count, !isEmpty, said != mask.lesions.count, said != mask.lesions.count - mask.specks {
            count = (said, mask.lesions.count)
        } else {
            count = nil
        }
        let total = mask.cells.reduce(0, +)
        let left = mask.cells.enumerated().reduce(0) { $0 + ($1.offset % 4 < 2 ? $1.element : 0) }
        let lesser = total == 0 ? 0 : Double(min(left, total - left)) / Double(total)
        wrongLaterality = total > 0 && (claims.saysBilateral && lesser == 0 || claims.saysUnilateral && lesser >= Self.wantedShare)
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.missing.elementsEqual(right.missing, by: ==) && left.count?.said == right.count?.said
            && left.count?.found == right.count?.found
            && (left.namesPlaces, left.namesCount, left.describesEmptyMask, left.deniesMask, left.contradictsItself, left.wrongLaterality)
                == (
                    right.namesPlaces, right.namesCount, right.describesEmptyMask, right.deniesMask, right.contradictsItself,
                    right.wrongLaterality
                )
    }
}

/// Counts of the findings in a split.
public struct CaptionAgreement: Codable, Sendable, Equatable {
    /// Captions that name a place, and those among them with a place that the mask does not cover.
    public let namingPlaces: Int, placesMissing: Int
    /// Captions that name a number of lesions, and those among them whose mask has another number.
    public let namingCounts: Int, countsDiffering: Int
    public let describingEmptyMasks: Int, denyingMasks: Int, contradictingThemselves: Int, wrongLaterality: Int
    /// Per place: how often captions name it, and how often the mask does not cover it.
    public let places: [PlaceCount]

    public struct PlaceCount: Codable, Sendable, Equatable {
        public let words: String
        public let named: Int, missing: Int
    }

    public init(_ measures: [SampleMeasure], reading: SideConvention.Reading) {
        let findings = measures.map { CaptionFindings($0, reading: reading) }
        namingPlaces = findings.count(where: \.namesPlaces)
        placesMissing = findings.count { !$0.missing.isEmpty }
        namingCounts = findings.count(where: \.namesCount)
        countsDiffering = findings.count { $0.count != nil }
        describingEmptyMasks = findings.count(where: \.describesEmptyMask)
        denyingMasks = findings.count(where: \.deniesMask)
        contradictingThemselves = findings.count(where: \.contradictsItself)
        wrongLaterality = findings.count(where: \.wrongLaterality)
        var named: [String: Int] = [:], missing: [String: Int] = [:]
        for measure in measures { for place in measure.claims.places { named[place.words, default: 0] += 1 } }
        for finding in findings { for place in finding.missing { missing[place.words, default: 0] += 1 } }
        places = named.map { PlaceCount(words: $0.key, named: $0.value, missing: missing[$0.key] ?? 0) }
            .sorted { ($1.named, $0.words) < ($0.named, $1.words) }
    }
}
