// What splits must not share: the same file, almost the same picture, pictures of one patient. Otherwise a model is tested on what it was
// trained on. Also finds copies within a split, which only count a sample twice.
import Datasets

public struct Leakage: Codable, Sendable, Equatable {
    /// Two samples that are the same picture, or look like it.
    public struct Pair: Codable, Sendable, Equatable {
        public let first: String, firstSplit: Split
        public let second: String, secondSplit: Split
        /// Whether the image files have the same bytes (for shards: the same stored pixels).
        public let isIdentical: Bool
        /// Number of the 63 hash bits that differ, and the correlation of the thumbnails.
        public let distance: Int, correlation: Double

        public var crossesSplits: Bool { firstSplit != secondSplit }
    }

    /// One patient or study with samples in several splits.
    public struct Subject: Codable, Sendable, Equatable {
        public let name: String
        public let train: Int, val: Int, test: Int
        /// Ids of two samples in different splits.
        public let example: [String]
    }

    /// The data of one sample that the search needs.
    public struct Item: Sendable {
        public let id: String
        public let split: Split
        /// The patient that the data set names; nil where it names none.
        public let patient: String?
        /// The digest of the image's bytes.
        public let digest: String
        public let fingerprint: PictureFingerprint

        public init(id: String, split: Split, patient: String? = nil, digest: String, fingerprint: PictureFingerprint) {
            (self.id, self.split, self.patient, self.digest, self.fingerprint) = (id, split, patient, digest, fingerprint)
        }

    }

    public static let defaultDistance = 8
    /// The hash alone would also pair pictures with the same coarse lighting, such as any two views into a tube.
    public static let wantedCorrelation = 0.95

    /// Pairs with at most this many differing bits and at least this correlation are near copies.
    public let distanceLimit: Int, correlationLimit: Double
    /// The same bytes in two splits; sorted by id.
    public let identical: [Pair]
    /// Almost the same picture in two splits; the most similar first.
    public let near: [Pair]
    /// Identical and near copies within one split.
    public let withinSplits: [Pair]
    /// Patients in more than one split; studies too, if names contain both. Those with the most samples come first.
    public let patients: [Subject], studies: [Subject]
    /// Number of samples whose patient is known, from the data set or from the name, and number of these patients.
    public let samplesWithPatient: Int, patientCount: Int

    /// Whether splits share anything.
    public var isFound: Bool { !identical.isEmpty || !near.isEmpty || !patients.isEmpty }

    public init(_ items: [Item], distance: Int = defaultDistance) {
        distanceLimit = distance
        correlationLimit = Self.wantedCorrelation
        var pairs = Self.copies(items)
        // A picture of one value has no hash bits and is skipped; SuspiciousSample lists it.
        let varied = items.filter { $0.fingerprint.hash != 0 }
        for (first, second, _) in NearCopies.pairs(varied.map(\.fingerprint.hash), distance: distance)
        where varied[first].digest != varied[second].digest {
            let pair = Self.pair(varied[first], varied[second])
            if pair.correlation >= Self.wantedCorrelation { pairs.append(pair) }
        }
        pairs.sort {
            ($0.isIdentical ? 0 : 1, $0.distance, -$0.correlation, $0.first, $0.second) < (
                $1.isIdentical ? 0 : 1, $1.distance, -$1.correlation, $1.first, $1.second
            )
        }
        identical = pairs.filter { $0.crossesSplits && $0.isIdentical }
        near = pairs.filter { $0.crossesSplits && !$0.isIdentical }
        withinSplits = pairs.filter { !$0.crossesSplits }
        let byPatient = Self.grouped(items, .patient)
        patients = Self.parted(byPatient)
        samplesWithPatient = byPatient.values.reduce(0) { $0 + $1.count }
        patientCount = byPatient.count
        // If a name contains no study, the patient takes its place.
        studies = Self.parted(Self.grouped(items, .study).filter { byPatient[$0.key] == nil })
    }

    /// Every sample with the same bytes as an earlier sample, paired with the first such sample. Samples are ordered by split, then by id.
    private static func copies(_ items: [Item]) -> [Pair] {
        Dictionary(grouping: items, by: \.digest).values.filter { $0.count > 1 }.flatMap { group -> [Pair] in
            let group = group.sorted { ($0.split, $0.id) < ($1.split, $1.id) }
            return group.dropFirst().map { pair(group[0], $0) }
        }
    }

    private static func pair(_ one: Item, _ other: Item) -> Pair {
        let (a, b) = (other.split, other.id) < (one.split, one.id) ? (other, one) : (one, other)
        return Pair(
            first: a.id, firstSplit: a.split, second: b.id, secondSplit: b.split, isIdentical: a.digest == b.digest,
            distance: a.fingerprint.distance(to: b.fingerprint),
            correlation: (a.fingerprint.correlation(with: b.fingerprint) * 10_000).rounded() / 10_000)
    }

    private static func grouped(_ items: [Item], _ kind: SubjectKind) -> [String: [Item]] {
        var groups: [String: [Item]] = [:]
        // Where the data set names patients, a sample without one is of an unknown patient, whatever its name holds.
        let isRecorded = kind == .patient && items.contains { $0.patient != nil }
        for item in items {
            if let name = isRecorded ? item.patient : kind.name(in: item.id) { groups[name, default: []].append(item) }
        }
        return groups
    }

    private static func parted(_ groups: [String: [Item]]) -> [Subject] {
        groups.compactMap { name, items -> (Int, Subject)? in
            guard let first = items.min(by: { ($0.split, $0.id) < ($1.split, $1.id) }),
                let other = items.filter({ $0.split != first.split }).min(by: { $0.id < $1.id })
            else { return nil }
            func count(_ split: Split) -> Int { items.count { $0.split == split } }
            return (
                items.count, Subject(name: name, train: count(.train), val: count(.val), test: count(.test), example: [first.id, other.id])
            )
        }.sorted { ($1.0, $0.1.name) < ($0.0, $1.1.name) }.map(\.1)
    }

    /// Per id, in words: the picture of another split that it resembles most.
    var twins: [String: String] {
        var twins: [String: String] = [:]
        for pair in identical + near {
            for (id, other, split) in [(pair.first, pair.second, pair.secondSplit), (pair.second, pair.first, pair.firstSplit)]
            where twins[id] == nil {
                twins[id] =
                    pair.isIdentical
                    ? "the same picture as \(other) of \(split.rawValue)" : "almost the same picture as \(other) of \(split.rawValue)"
            }
        }
        return twins
    }

    /// The result as lines for people: what was found, and where to look.
    public func lines(shown: Int) -> [String] {
        func list(_ lines: [String]) -> [String] {
            lines.prefix(shown).map { "  " + $0 }
                + (lines.count > shown ? ["  and \(lines.count - shown) more; --json and --html list all"] : [])
        }
        var lines = ["same image in two splits: \(identical.count)"]
        lines += list(identical.map { "\($0.first) (\($0.firstSplit.rawValue)) and \($0.second) (\($0.secondSplit.rawValue))" })
        lines.append(
            "near copies across splits (at most \(distanceLimit) of 63 bits, correlation at least \(correlationLimit)): \(near.count)")
        lines += list(
            near.map {
                "\($0.first) (\($0.firstSplit.rawValue)) and \($0.second) (\($0.secondSplit.rawValue)), \($0.distance) bits, correlation "
                    + "\($0.correlation)"
            })
        lines.append("copies within a split: \(withinSplits.count)")
        lines += list(withinSplits.map { "\($0.first) and \($0.second) (\($0.firstSplit.rawValue))" })
        if samplesWithPatient == 0 { return lines + ["patients in several splits: unknown, neither the data set nor the names tell them"] }
        lines.append(
            "patients in several splits: \(patients.count) of \(patientCount) (known for \(samplesWithPatient) samples)")
        lines += list(patients.map { "\($0.name): \($0.train) train, \($0.val) val, \($0.test) test" })
        if !studies.isEmpty {
            lines +=
                ["studies in several splits: \(studies.count)"]
                + list(studies.map { "\($0.name): \($0.train) train, \($0.val) val, \($0.test) test" })
        }
        return lines
    }
}
