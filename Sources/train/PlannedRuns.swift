// The runs of a plan with their folders and states: what is done, what is to do, and with which words of `train`.
// Invariant: a run that exists has the settings that the plan and the command line ask for now; otherwise nothing is begun.
import CommandLineTool
import Experiments
import Files
import Training

struct PlannedRuns {
    enum State {
        case new, stopped(step: Int), finished(epochs: Int), atStepLimit(step: Int), failed(reason: String)

        var isDone: Bool {
            switch self {
            case .finished, .atStepLimit: true
            case .new, .stopped, .failed: false
            }
        }

        var isNew: Bool { if case .new = self { true } else { false } }

        var words: String {
            switch self {
            case .new: "new"
            case .stopped(let step): "stopped at step \(step)"
            case .finished(let epochs): "finished, \(epochs) epoch\(epochs == 1 ? "" : "s")"
            case .atStepLimit(let step): "at step \(step), as asked by --max-steps"
            case .failed(let reason): "failed: \(reason)"
            }
        }

        /// In the table.
        var title: String {
            switch self {
            case .finished: "finished"
            case .failed: "failed"
            case .atStepLimit(let step): "at step \(step)"
            case .new, .stopped: words
            }
        }

        var verb: String { if case .stopped(let step) = self { "goes on after step \(step)" } else { "begins" } }
    }

    struct Item {
        let run: PlannedRun
        let folder: RunFolder
        /// Everything that its processes said.
        let log: String
        /// Those of its fold, where it has one.
        let shards: String
        let words: [String]
        var state: State
        /// Whether this plan's process trained it without damaged shards.
        var leftOutShards = false
    }

    private let stepLimit: Int?
    private(set) var items: [Item] = []

    /// - Parameter stepLimit: --max-steps; a run that has as many steps is done.
    init(_ plan: ExperimentPlan, _ runs: [PlannedRun], shards: String, folder: String, stepLimit: Int?) throws {
        self.stepLimit = stepLimit
        var splits: [String: TrainingSplits] = [:]
        let console = Console(writeOutput: { _ in }, writeError: { _ in }, errorIsTerminal: false)
        for run in runs {
            let place = RunFolder("\(folder)/\(run.name)"), log = "\(folder)/\(run.name).log"
            let input = try trainCommand.input(run.words(shards: shards, folder: place.path, resumes: false), console: console)
            try checkInputs(input)
            let own = try foldFolder(input, shards) ?? shards, wanted = try newConfiguration(input, shards: own)
            let fingerprints = try splits[own] ?? TrainingSplits(shards: own)
            splits[own] = fingerprints
            let progress = try place.progress()
            if progress != .none {
                try Self.check(wanted, against: try RunConfiguration.read(place.configuration), place, fingerprints, own)
            }
            let state = Self.state(progress, limit: stepLimit)
            var resumes = false
            if case .stopped = state { resumes = true }
            items.append(
                Item(
                    run: run, folder: place, log: log, shards: own, words: run.words(shards: shards, folder: place.path, resumes: resumes),
                    state: state)
            )
        }
    }

    private static func state(_ progress: RunProgress, limit: Int?) -> State {
        switch progress {
        case .none: .new
        case .finished(let epochs): .finished(epochs: epochs)
        case .stopped(let step, _): limit.map { step >= $0 } ?? false ? .atStepLimit(step: step) : .stopped(step: step)
        }
    }

    private static func check(
        _ wanted: RunConfiguration, against recorded: RunConfiguration, _ folder: RunFolder, _ splits: TrainingSplits, _ shards: String
    ) throws {
        let encoders = (wanted.textEncoder ?? "none", recorded.textEncoder ?? "none")
        let other = encoders.0 == encoders.1 ? nil : (option: "text-encoder", given: encoders.0, recorded: encoders.1)
        if let (option, given, kept) = wanted.difference(from: recorded) ?? other {
            throw CommandError(
                .usage,
                "\(folder.path) was trained with --\(option) \(kept), the plan with this command line says --\(option) \(given); runs of "
                    + "one plan are compared, so they keep their settings: give the options as before, or name another folder with --run")
        }
        guard splits.areThose(of: recorded) else {
            throw CommandError(
                .usage,
                "\(folder.path) was trained on other shards (\(recorded.shards)) than \(shards); give those, or name another folder with "
                    + "--run")
        }
    }

    /// Records how a run ended.
    mutating func update(_ index: Int, after ending: ChildRun.Ending) throws {
        let state = Self.state(try items[index].folder.progress(), limit: stepLimit)
        items[index].leftOutShards = state.isDone && ending.code == ExitCode.badSamples
        let isWhole = state.isDone || (ending.code == ExitCode.interrupted && !ending.wasKilled)
        items[index].state =
            isWhole ? state : .failed(reason: ending.wasKilled ? "ended by signal \(ending.code)" : ending.lastWords)
    }

    /// The table of all runs as they are now.
    func summary() throws -> PlanSummary {
        PlanSummary(
            try items.map { item in
                PlanSummary.Row(
                    run: item.run, folder: item.folder.path, state: item.state.title,
                    scores: try RunScores(metrics: item.folder.metrics))
            })
    }
}
