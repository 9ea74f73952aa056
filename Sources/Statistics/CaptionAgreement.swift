// Whether captions agree with masks: places, numbers of lesions, sides. And which left is meant: the viewer's or the patient's, who
// faces the viewer in chest images, so that the patient's right is on the picture's left. Both readings are tried on all captions.

/// How left and right in the captions are to be read.
public struct SideConvention: Codable, Sendable, Equatable {
    public enum Reading: String, Codable, Sendable {
        /// Left in the caption is left in the picture.
        case viewer
        /// Left in the caption is right in the picture.
        case patient
    }

    /// The reading used; the viewer's where the captions do not tell.
    public let reading: Reading
    /// Whether the captions tell: at least 5 that name one side only, three quarters of them for one reading.
    public let isCertain: Bool
    /// Captions that name one side only and have a mask with more foreground on one side than on the other.
    public let informative: Int
    /// How many of these fit each reading.
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

    /// In a sentence.
    public var sentence: String {
        if informative == 0 { return "no caption names one side only; left is taken as the picture's left" }
        let counts =
            "\(fitViewer) of \(informative) captions with one side fit the picture's left and right, \(fitPatient) the patient's (mirrored)"
        guard isCertain else { return "\(counts): too few or too mixed to tell; left is taken as the picture's left" }
        return reading == .viewer
            ? "left means the picture's left: \(counts)" : "left means the patient's left, which is the picture's right: \(counts)"
    }
}

/// What one caption says that its mask does not show.
public struct CaptionFindings: Sendable, Equatable {
    /// A place holds when at least this share of the foreground lies in it.
    public static let wantedShare = 0.05

    /// Places that the mask is not in, with the share of the foreground that is.
    public let missing: [(words: String, share: Double)]
    public let namesPlaces: Bool
    /// Said and found number of lesions, where they differ.
    public let count: (said: Int, found: Int)?
    public let namesCount: Bool
    /// A place or number without any mask.
    public let describesEmptyMask: Bool
    /// "no infection", and a mask that is not empty.
    public let deniesMask: Bool
    public let contradictsItself: Bool
    /// "bilateral" with foreground in one half only, or "unilateral" with at least 5 % in each half.
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

/// The findings of a split, counted.
public struct CaptionAgreement: Codable, Sendable, Equatable {
    /// Captions that name a place, and those of them with a place where the mask is not.
    public let namingPlaces: Int, placesMissing: Int
    /// Captions that name a number of lesions, and those whose mask has another number.
    public let namingCounts: Int, countsDiffering: Int
    public let describingEmptyMasks: Int, denyingMasks: Int, contradictingThemselves: Int, wrongLaterality: Int
    /// By place words: how often named, and how often the mask is not there.
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
