// What splits share and should not: the same file, almost the same picture, pictures of one patient. A model is then tested on what it
// was trained on. Also the copies within a split, which only count a sample twice.
import Datasets

public struct Leakage: Codable, Sendable, Equatable {
    /// Two samples that are, or look like, one picture.
    public struct Pair: Codable, Sendable, Equatable {
        public let first: String, firstSplit: Split
        public let second: String, secondSplit: Split
        /// Whether the image files are the same bytes (for shards: the stored pixels).
        public let isIdentical: Bool
        /// Bits of 63 in which the perceptual hashes differ, and the correlation of the thumbnails.
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

    /// What is known of one sample.
    public struct Item: Sendable {
        public let id: String
        public let split: Split
        /// Of the image's bytes.
        public let digest: String
        public let fingerprint: PictureFingerprint

        public init(id: String, split: Split, digest: String, fingerprint: PictureFingerprint) {
            (self.id, self.split, self.digest, self.fingerprint) = (id, split, digest, fingerprint)
        }
    }

    public static let defaultDistance = 8
    /// Hashes alone also pair pictures with the same coarse light, such as any two views into a tube.
    public static let wantedCorrelation = 0.95

    /// Pairs up to this many differing bits, with at least this correlation, are near copies.
    public let distanceLimit: Int, correlationLimit: Double
    /// The same bytes in two splits; by id.
    public let identical: [Pair]
    /// Almost the same picture in two splits; the most alike first.
    public let near: [Pair]
    /// Both kinds within one split.
    public let withinSplits: [Pair]
    /// Patients in more than one split, and studies where names tell both; the ones with most samples first.
    public let patients: [Subject], studies: [Subject]
    /// Samples whose names tell a patient, and how many patients these are.
    public let samplesWithPatient: Int, patientCount: Int

    /// Whether splits share anything.
    public var isFound: Bool { !identical.isEmpty || !near.isEmpty || !patients.isEmpty }

    public init(_ items: [Item], distance: Int = defaultDistance) {
        distanceLimit = distance
        correlationLimit = Self.wantedCorrelation
        var pairs = Self.copies(items)
        // A picture of one value has no bits and says nothing; SuspiciousSample names it.
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
        // A name that tells no study of its own has the patient for it.
        studies = Self.parted(Self.grouped(items, .study).filter { byPatient[$0.key] == nil })
    }

    /// Every sample with the bytes of an earlier one, beside the first of them; earlier is by split, then by id.
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
        for item in items { if let name = kind.name(in: item.id) { groups[name, default: []].append(item) } }
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

    /// By id: in words, which picture of another split it resembles most.
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

    /// In lines for people: what was found, and where to look.
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
        if samplesWithPatient == 0 { return lines + ["patients in several splits: unknown, the names tell none"] }
        lines.append(
            "patients in several splits: \(patients.count) of \(patientCount) (names tell the patient of \(samplesWithPatient) samples)")
        lines += list(patients.map { "\($0.name): \($0.train) train, \($0.val) val, \($0.test) test" })
        if !studies.isEmpty {
            lines +=
                ["studies in several splits: \(studies.count)"]
                + list(studies.map { "\($0.name): \($0.train) train, \($0.val) val, \($0.test) test" })
        }
        return lines
    }
}
