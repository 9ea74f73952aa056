// Runs side by side on the same images: figures, paired tests against the first run, spread over seeds, published rows. Invariant: every
// run has a Dice for each id, in the same order; all outputs are made of this value.
import Metrics
import Segmenting

public struct Comparison: Sendable {
    /// A run against the first.
    public struct Test: Sendable, Equatable {
        /// Of the images' Dice: the run's less the first run's.
        public let paired: PairedComparison
        /// The signed-rank test's p after Holm's correction over all runs that are compared with the first.
        public let holm: Double
    }

    public let shards: String, split: String
    public let ids: [String]
    public let runs: [ComparedRun]
    /// One for each run; nil for the first, and for a run without a common image.
    public let tests: [Test?]
    public let seeds: [SeedGroup]
    public let published: [PublishedFigures]
    /// How the tests were made, and the figures' intervals unless these are from files; nil for none.
    public let intervals: IntervalSettings?
    /// The patient of each image; nil where it is not known.
    public let patients: [String?]
    /// Whether some patient has several images, so that patients are drawn in place of images.
    let drawsPatients: Bool
    /// Where images per second come from, such as the number of images in a pass; nil if nothing was timed.
    public let timing: String?
    /// The size at which masks are compared; nil if that is not known.
    public var size: ScoringSize?
    /// What the activation maps of the panels are; nil without.
    public var activations: String?
    /// Whether the runs' figures, with their intervals, are those of evaluations that were made before.
    public var isOfFiles = false

    /// - Parameters:
    ///   - patients: of each image, which the bootstrap draws; nil where they are not known.
    ///   - runs: at least one, each with as many Dice values as there are ids.
    ///   - resamples: how often; 0 for no intervals and no bootstrap p.
    public init(
        shards: String, split: String, ids: [String], patients: [String?]? = nil, runs: [ComparedRun],
        published: [PublishedFigures] = [], resamples: Int, timing: String? = nil
    ) {
        self.patients = patients ?? ids.map { _ in nil }
        precondition(self.patients.count == ids.count, "\(self.patients.count) patients, \(ids.count) images")
        for run in runs { precondition(run.dice.count == ids.count, "\(run.name): \(run.dice.count) values, \(ids.count) images") }
        self.shards = shards
        self.split = split
        self.ids = ids
        self.runs = runs
        self.published = published
        self.timing = timing
        seeds = SeedGroup.groups(runs)
        let bootstrap = Bootstrap(patients: self.patients, resamples: resamples)
        intervals = resamples > 0 ? IntervalSettings(bootstrap) : nil
        drawsPatients = bootstrap.drawsGroups
        let reference = runs.first?.dice ?? []
        let paired = runs.enumerated().map { $0 == 0 ? nil : PairedComparison($1.dice, against: reference, bootstrap: bootstrap) }
        tests = zip(paired, MultipleTests.holm(paired.map { $0?.signedRanks.p })).map { paired, holm in
            paired.flatMap { paired in holm.map { Test(paired: paired, holm: $0) } }
        }
    }

    /// The run with which the others are compared.
    public var reference: String { runs.first?.name ?? "" }
}

/// Runs whose settings differ by the seed alone.
public struct SeedGroup: Sendable, Equatable {
    /// Positions in the comparison, at least two.
    public let members: [Int]

    package init(members: [Int]) { self.members = members }

    static func groups(_ runs: [ComparedRun]) -> [SeedGroup] {
        var identities: [String] = []
        for run in runs {
            if let identity = run.setting?.identity, !identities.contains(identity) { identities.append(identity) }
        }
        return identities.compactMap { identity in
            let members = runs.indices.filter { runs[$0].setting?.identity == identity }
            // Two runs with the same seed are one run.
            let seeds = Set(members.compactMap { runs[$0].setting?.seed })
            return members.count > 1 && seeds.count == members.count ? SeedGroup(members: members) : nil
        }
    }

    /// Mean and spread of a figure over the runs; nil if none has it.
    public func spread(_ figure: ComparisonFigure, in comparison: Comparison) -> RunSpread? {
        RunSpread(members.map { figure.value(comparison.runs[$0])?.value })
    }
}
