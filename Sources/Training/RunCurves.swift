// What a run shows in TensorBoard: terms of the loss and the learning rate by step; loss, metrics and pictures of the validation split at
// the end of each epoch; the settings. For people alone: nothing reads it to compute.
// Invariant: after a resumption no point is there twice, and none is missing.
import EventFiles
import Imaging
import Networks

final class RunCurves {
    /// Nil for a run that is finished, to whose file nothing is added.
    private let writer: EventFile.Writer?
    /// The step whose epoch's end was written before the state that the run goes on from was saved; it is not written again.
    private let writtenEnd: Int?

    /// - Parameter resumes: goes on in the file of the run, after the saved state's step.
    init(_ folder: RunFolder, _ configuration: RunConfiguration, state: TrainerState, resumes: Bool) throws(TrainingError) {
        guard !(resumes && state.finished) else {
            writer = nil
            writtenEnd = nil
            return
        }
        do throws(EventFileError) {
            let writer = try EventFile.Writer(folder: folder.events, resumingAfter: resumes ? state.step : nil)
            // The state may be that of an epoch's last step, before its validation.
            writtenEnd =
                writer.resumption?.lastStep == state.step && state.nextBatch > 0
                ? try EventFile.read(writer.path).last { event in
                    if case .values(let values) = event.content { values.contains { $0.tag == Self.validationLoss } } else { false }
                }?.step : nil
            try writer.hyperparameters(Self.settings(configuration))
            self.writer = writer
        } catch { throw .events(error) }
    }

    private static let validationLoss = "val/loss"

    func step(_ step: Int, learningRate: Double, terms: LossTerms) throws(TrainingError) {
        try TrainingError.wrapping { () throws(EventFileError) in
            try writer?.scalars(Self.points("train", terms) + [(tag: "train/learning_rate", value: learningRate)], step: step)
        }
    }

    func epoch(_ record: EpochRecord, pictures: [ValidationPicture]) throws(TrainingError) {
        if record.step == writtenEnd { return }
        let images = try pictures.map { picture throws(TrainingError) in
            do throws(ImagingError) { return (tag: "val/" + picture.id, png: try picture.png()) } catch {
                throw .picture(id: picture.id, error)
            }
        }
        try TrainingError.wrapping { () throws(EventFileError) in
            let metrics = (record.metrics?.entries ?? []).compactMap { entry in
                entry.value.map { (tag: "val/" + entry.type.column, value: $0) }
            }
            try writer?.scalars((record.validation.map { Self.points("val", $0) } ?? []) + metrics, step: record.step)
            for image in images { try writer?.image(image.tag, png: image.png, step: record.step) }
        }
    }

    func finish(step: Int) throws(TrainingError) {
        try TrainingError.wrapping { () throws(EventFileError) in try writer?.end(succeeded: true, step: step) }
    }

    /// Called before a state is saved: all points up to its step are then on the disk.
    func flush() throws(TrainingError) {
        try TrainingError.wrapping { () throws(EventFileError) in try writer?.flush() }
    }

    private static func points(_ group: String, _ terms: LossTerms) -> [(tag: String, value: Double)] {
        [(tag: group + "/loss", value: terms.total)] + terms.parts.map { (tag: "\(group)/\($0.name)_loss", value: $0.value) }
    }

    private static func settings(_ configuration: RunConfiguration) -> [String: EventFile.Hyperparameter] {
        var settings: [String: EventFile.Hyperparameter] = [
            "model": .text(configuration.model.name), "shards": .text(configuration.shards),
            "epochs": .number(Double(configuration.epochs)), "batch_size": .number(Double(configuration.batchSize)),
            "lr": .number(configuration.learningRate), "min_lr": .number(configuration.minimumLearningRate),
            "weight_decay": .number(configuration.weightDecay), "loss": .text(configuration.loss.name),
            "optimizer": .text(configuration.optimizerConfiguration.name), "schedule": .text(configuration.scheduleConfiguration.name),
            "augment": .text(configuration.augmentation.rawValue), "seed": .number(Double(configuration.seed)),
            "precision": .text(configuration.precision.rawValue),
        ]
        for (option, value) in configuration.model.options { settings["model_option/" + option] = .text(value) }
        if configuration.model.text != nil { settings["text_encoder"] = .text(configuration.textEncoder ?? "untrained") }
        if let weights = configuration.initialWeights { settings["init"] = .text(weights) }
        return settings
    }
}
