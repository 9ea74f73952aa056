// A plan: training runs that differ in named options only, so that their results can be compared (docs/guide/experiments.md).
// Not for running them; `train plan` does that.
// Invariant: settings differ in the options that `varies` names, and in no other. All runs of a plan have different names.
import Files

public struct ExperimentPlan: Sendable, Equatable {
    public struct Setting: Sendable, Equatable {
        /// The name of its run's folder.
        public let name: String
        /// What a table calls it.
        public let title: String
        public let options: TrainOptions

        public init(name: String, title: String, options: TrainOptions) {
            self.name = name
            self.title = title
            self.options = options
        }
    }

    /// The file that it was read from.
    public let path: String
    /// The name of the folder of its runs.
    public let name: String
    public let title: String
    /// The options in which settings differ: names of train's options, or of the network's.
    public let varies: [String]
    /// The shard folder that is used if none is given.
    public let shards: String
    /// Options of all settings.
    public let options: TrainOptions
    /// The first one is what the others are compared with.
    public let settings: [Setting]
    public let seeds: [UInt64]

    /// All runs, in the order in which they are made: every setting with the first seed, then with the next one, so that a plan that is
    /// stopped can already be compared.
    /// - Parameters:
    ///   - overrides: options of the command line; they replace those of the plan.
    ///   - seeds: nil for the plan's own.
    /// - Throws: `overridesVaried` for an option in which settings differ.
    public func runs(overrides: TrainOptions = TrainOptions(), seeds: [UInt64]? = nil) throws(PlanError) -> [PlannedRun] {
        if let entry = overrides.entries.first(where: { varies.contains($0.title) }) {
            throw .overridesVaried(path: path, option: entry.option, key: entry.key)
        }
        let common = options.replaced(by: overrides)
        return (seeds ?? self.seeds).flatMap { seed in
            settings.map { PlannedRun(setting: $0, seed: seed, options: common.replaced(by: $0.options)) }
        }
    }
}

/// One training run of a plan.
public struct PlannedRun: Sendable, Equatable {
    public let setting: ExperimentPlan.Setting
    public let seed: UInt64
    /// All options but shards, folder and seed.
    public let options: TrainOptions

    public init(setting: ExperimentPlan.Setting, seed: UInt64, options: TrainOptions) {
        self.setting = setting
        self.seed = seed
        self.options = options
    }

    /// "dice" for seed 0, "dice-seed1" for seed 1: the name does not depend on how many seeds a plan has.
    public var name: String { Self.name(setting.name, seed: seed) }

    static func name(_ setting: String, seed: UInt64) -> String { seed == 0 ? setting : "\(setting)-seed\(seed)" }

    /// The words of `train` that begin the run, or go on with it.
    public func words(shards: String, folder: String, resumes: Bool) -> [String] {
        ["--shards", shards, "--run", folder] + (resumes ? ["--resume"] : []) + ["--seed", "\(seed)"] + options.words
    }
}
