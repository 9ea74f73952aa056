// How far a run in a folder is, and whether it was trained on given shards: read without changing anything, for those who plan runs.
import Files

public enum RunProgress: Sendable, Equatable {
    /// No state is saved: there is no run, or it stopped before its first save.
    case none
    /// Steps, and whole epochs.
    case stopped(step: Int, epochs: Int)
    case finished(epochs: Int)
}

extension RunFolder {
    public func progress() throws(TrainingError) -> RunProgress {
        guard holdsState else { return .none }
        // The newest state is the one under the .next name, where a crash kept it from being renamed.
        let newest = next("state.json")
        let state = try TrainerState.read(FileIO.exists(newest) ? newest : self.state)
        return state.finished ? .finished(epochs: state.epoch) : .stopped(step: state.step, epochs: state.epoch)
    }
}

/// The fingerprints of the splits that training reads.
public struct TrainingSplits: Sendable {
    private let training: String
    private let validation: String

    /// - Throws: a `TrainingError` that says which folder was probably meant, where it is no shard folder.
    public init(shards: String) throws(TrainingError) {
        training = try RunPreparation.open(shards, split: "train").identity
        validation = try RunPreparation.open(shards, split: "val").identity
    }

    /// Whether a run was trained on these splits.
    public func areThose(of configuration: RunConfiguration) -> Bool {
        configuration.trainFingerprint == training && configuration.validationFingerprint == validation
    }
}
