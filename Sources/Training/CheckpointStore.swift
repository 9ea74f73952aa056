// Saves and restores the state of a run as one unit (RunFolder): parameters, the optimizer's state and the trainer's state. Also writes
// best.safetensors.
import Files
import Networks
import Tensors
import WeightFiles

package struct CheckpointStore {
    let folder: RunFolder
    let metadata: CheckpointMetadata

    /// Saves the whole state. After a crash at any point, either the old state or the new one exists.
    func save(_ model: any SegmentationModel, _ optimizer: any Optimizer, state: TrainerState) throws(TrainingError) {
        try saveParameters(model, to: folder.next("last.safetensors"), step: state.step, epoch: state.epoch, validationLoss: nil)
        let backend = model.backend
        var writer = SafetensorsWriter(metadata: ["format": CheckpointMetadata.format, "step": "\(state.step)"], sealed: true)
        for (name, tensor) in optimizer.state {
            if let values = backend.hostValues(tensor) {
                writer.add(name, shape: tensor.shape, borrowing: UnsafeBufferPointer(values))
            } else {
                writer.add(name, shape: tensor.shape, backend.values(tensor))
            }
        }
        let moments = writer
        try TrainingError.wrapping { () throws(WeightFileError) in try moments.write(to: folder.next("optimizer.safetensors")) }
        try TrainingError.wrapping { () throws(FileError) in
            try state.write(to: folder.next("state.json"))
            try folder.commit()
        }
    }

    func saveBest(_ model: any SegmentationModel, step: Int, epoch: Int, validationLoss: Double) throws(TrainingError) {
        try saveParameters(model, to: folder.best, step: step, epoch: epoch, validationLoss: validationLoss)
    }

    /// Loads the saved state into the model and the optimizer.
    func restore(_ model: any SegmentationModel, _ optimizer: any Optimizer) throws(TrainingError) -> TrainerState {
        let state = try Self.state(of: folder)
        let parameters = try Self.open(folder.last)
        guard parameters.metadata["step"] == "\(state.step)" else {
            throw .stateMismatch(
                path: folder.last, reason: "it is of step \(parameters.metadata["step"] ?? "none"), state.json of step \(state.step)")
        }
        try Self.loadAll(model, parameters)
        let moments = try Self.open(folder.optimizer)
        guard moments.metadata["step"] == "\(state.step)" else {
            throw .stateMismatch(
                path: folder.optimizer, reason: "it is of step \(moments.metadata["step"] ?? "none"), state.json of step \(state.step)")
        }
        for (name, tensor) in optimizer.state {
            let values = try TrainingError.wrapping { () throws(WeightFileError) in try moments.float32(name) }
            guard values.count == tensor.count else {
                throw .stateMismatch(
                    path: folder.optimizer, reason: "\(name) has \(values.count) entries, the model's parameters have \(tensor.count)")
            }
            values.withUnsafeBufferPointer { model.backend.upload($0, to: tensor) }
        }
        return state
    }

    /// The last saved state; an interrupted save is completed or discarded first.
    static func state(of folder: RunFolder) throws(TrainingError) -> TrainerState {
        guard folder.holdsState else { throw .noRun(path: folder.path) }
        try TrainingError.wrapping { () throws(FileError) in try folder.settle() }
        return try TrainerState.read(folder.state)
    }

    /// Loads initial weights: all parameters, or only the image encoder. Returns a line that says what was loaded.
    static func initialise(_ model: any SegmentationModel, from path: String) throws(TrainingError) -> String {
        let report = try initial(model, try open(path), takesValues: true)
        model.parameters.initialise(except: Set(report.loaded))
        return "initial weights from \(path): \(report)"
    }

    /// Checks that initial weights fit, from names and shapes only, before anything is computed.
    static func checkInitial(_ file: WeightFile, for specification: ModelSpecification, backend: any Backend) throws(TrainingError) {
        let model = try TrainingError.wrapping { () throws(NetworkError) in
            try ModelZoo.model(specification, ModelSetup(backend: backend, trains: false, builds: false))
        }
        _ = try initial(model, file, takesValues: false)
    }

    /// Checks that a file holds weights of such a network, whatever the width of its text encoder.
    package static func checkNames(_ file: WeightFile, for specification: ModelSpecification, backend: any Backend) throws(TrainingError) {
        let model = try TrainingError.wrapping { () throws(NetworkError) in
            try ModelZoo.model(specification, ModelSetup(backend: backend, trains: false, builds: false))
        }
        let report = try TrainingError.wrapping { () throws(NetworkError) in try model.load(file, takesValues: false) }
        try refuseLarger(model, file, report)
    }

    private static func initial(_ model: any SegmentationModel, _ file: WeightFile, takesValues: Bool) throws(TrainingError) -> LoadReport {
        try refuseOtherModel(model, file)
        let report = try TrainingError.wrapping { () throws(NetworkError) in try model.load(file, takesValues: takesValues) }
        // A missing parameter keeps its initial value, and so does a last layer of other classes.
        try refuseOtherShapes(model, file, report)
        return report
    }

    /// Loads a checkpoint that must hold every parameter. Returns what the user should know about how it was loaded.
    @discardableResult
    package static func loadAll(_ model: any SegmentationModel, _ file: WeightFile) throws(TrainingError) -> [String] {
        try refuseOtherModel(model, file)
        let report = try TrainingError.wrapping { () throws(NetworkError) in try model.load(file) }
        try refuseLarger(model, file, report)
        try refuseOtherShapes(model, file, report)
        if let layer = report.misshaped.first {
            throw .otherClasses(
                path: file.path, model: model.descriptor.title, layer: "\(layer.name) \(layer.found), expected \(layer.expected)")
        }
        guard report.isComplete else { throw .incompleteCheckpoint(path: file.path, report: "\(report)") }
        // Parameters that the network does not use may be missing.
        model.parameters.initialise(except: Set(report.loaded))
        let unused =
            report.extra.isEmpty
            ? [] : ["\(report.extra.count) of its tensors are not used (\(report.extra.prefix(3).joined(separator: ", ")), ...)"]
        return (report.notes + unused).map { "\(file.path): \($0)" }
    }

    /// Refuses a checkpoint with layers that the network does not have: its result would be another than the checkpoint's.
    private static func refuseLarger(_ model: any SegmentationModel, _ file: WeightFile, _ report: LoadReport) throws(TrainingError) {
        guard report.beyond.isEmpty else { throw .largerModel(path: file.path, model: model.descriptor.title, names: report.beyond) }
    }

    /// Refuses weights of other shapes, except in the last layer, where they mean another number of classes.
    private static func refuseOtherShapes(_ model: any SegmentationModel, _ file: WeightFile, _ report: LoadReport) throws(TrainingError) {
        guard report.misshaped.allSatisfy({ model.descriptor.isLastLayer($0.name) }) else {
            throw .otherModel(path: file.path, report: "\(report)")
        }
    }

    /// Refuses a checkpoint whose metadata name another network, or another value of an option that decides what weights mean. Files
    /// without metadata are judged by their tensors.
    private static func refuseOtherModel(_ model: any SegmentationModel, _ file: WeightFile) throws(TrainingError) {
        guard let found = try CheckpointMetadata(file.metadata, path: file.path)?.model else { return }
        let wanted = model.specification
        guard found.name == wanted.name else {
            throw .checkpointOfOtherModel(path: file.path, found: found.name, expected: wanted.name)
        }
        for option in model.descriptor.options where option.decidesMeaning {
            let there = found.options[option.name] ?? option.defaultValue, here = wanted.options[option.name] ?? option.defaultValue
            guard there == here else {
                throw .checkpointOfOtherOption(path: file.path, model: wanted.name, option: option.name, found: there, expected: here)
            }
        }
    }

    package static func open(_ path: String) throws(TrainingError) -> WeightFile {
        try TrainingError.wrapping { () throws(WeightFileError) in try WeightFile.open(path) }
    }

    private func saveParameters(
        _ model: any SegmentationModel, to path: String, step: Int, epoch: Int, validationLoss: Double?
    ) throws(TrainingError) {
        var metadata = metadata
        metadata.step = step
        metadata.epoch = epoch
        metadata.validationLoss = validationLoss
        try TrainingError.wrapping { () throws(WeightFileError) in try model.save(to: path, metadata: metadata.dictionary) }
    }
}
