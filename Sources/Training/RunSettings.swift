// The settings as option names and words: what a resumed run is compared by.

extension RunConfiguration {
    /// Each setting that a resumed run must keep, under the name of its option.
    var settings: [(option: String, value: String)] {
        [("model", model.name)] + model.options.sorted { $0.key < $1.key }.map { ("model-option", "\($0.key)=\($0.value)") } + [
            ("init", initialWeights ?? "none"), ("epochs", "\(epochs)"), ("min-epochs", "\(minimumEpochs)"), ("patience", "\(patience)"),
            ("batch-size", "\(batchSize)"), ("lr", "\(learningRate)"), ("min-lr", "\(minimumLearningRate)"),
            ("weight-decay", "\(weightDecay)"), ("loss", loss.kind.rawValue), ("lambda-spectral", "\(loss.spectralWeight)"),
            ("lambda-entropy", "\(loss.entropyWeight)"), ("augment", augmentation.rawValue), ("seed", "\(seed)"), ("precision", precision.rawValue),
        ]
    }

    /// Throws when a resumed run is asked for other settings than it began with. Where shards and encoder lie may change; their content is
    /// compared by fingerprint.
    public func checkUnchanged(from recorded: RunConfiguration, folder: RunFolder) throws(TrainingError) {
        for (given, kept) in zip(settings, recorded.settings) where given.value != kept.value {
            throw .settingsDiffer(option: given.option, given: given.value, recorded: kept.value, path: folder.path)
        }
    }
}
