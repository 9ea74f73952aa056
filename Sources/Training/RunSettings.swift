// The settings as option names and values, for comparing a resumed run with its recorded settings.
import Files
import Networks
import Shards

extension RunConfiguration {
    /// Each setting that a resumed run must keep, with the name of its option.
    var settings: [(option: String, value: String)] {
        var settings = [(option: "model", value: model.name)]
        settings += model.options.sorted { $0.key < $1.key }.map { (option: "model-option", value: "\($0.key)=\($0.value)") }
        settings += [
            ("init", initialWeights ?? "none"), ("epochs", "\(epochs)"), ("min-epochs", "\(minimumEpochs)"), ("patience", "\(patience)"),
            ("batch-size", "\(batchSize)"), ("lr", "\(learningRate)"), ("min-lr", "\(minimumLearningRate)"),
            ("restart-epochs", "\(restartEpochs ?? 0)"),
            ("schedule", scheduleConfiguration.name), ("optimizer", optimizerConfiguration.name), ("momentum", "\(momentum ?? 0)"),
            ("weight-decay", "\(weightDecay)"), ("loss", loss.name), ("lambda-spectral", "\(loss.spectralWeight)"),
            ("lambda-entropy", "\(loss.entropyWeight)"), ("augment", augmentation.rawValue), ("seed", "\(seed)"),
            ("precision", precision.rawValue), ("token-length", model.text.map { "\($0.tokens)" } ?? "none"),
        ]
        return settings
    }

    /// The command of a new run of `epochs` epochs with this run's best weights and its other settings.
    private func longer(_ epochs: Int, _ folder: RunFolder) -> String {
        let standard = RunConfiguration(shards: shards).settings
        // What the network's own recipe says need not be said; the network need not, where it is the standard one as published.
        let own =
            (try? ModelZoo.descriptor(named: model.name)).map { RunConfiguration(shards: shards, model: $0, model) }?.settings ?? standard
        func isSaid(_ setting: (option: String, value: String)) -> Bool {
            (setting.option.hasPrefix("model") ? standard : own).contains { $0 == setting }
        }
        var words = [
            "train --shards \(ShellWord.quoted(shards)) --run \(ShellWord.quoted("\(folder.path)-\(epochs)")) --epochs \(epochs) --init "
                + "\(ShellWord.quoted(folder.best))"
        ]
        if let textEncoder { words.append("--text-encoder \(ShellWord.quoted(textEncoder))") }
        for (option, value) in settings where !["epochs", "init"].contains(option) && !isSaid((option, value)) {
            words.append("--\(option) \(value)")
        }
        return words.joined(separator: " ")
    }

    /// Throws if a resumed run is given settings other than the recorded ones. The paths of shards and encoder may change; their content is
    /// compared by fingerprint.
    public func checkUnchanged(from recorded: RunConfiguration, folder: RunFolder) throws(TrainingError) {
        guard recorded.orderVersion == SampleOrder.version else { throw .otherOrder(path: folder.path, best: folder.best) }
        guard let (option, given, kept) = difference(from: recorded) else { return }
        if option == "epochs" {
            throw .otherLength(given: epochs, recorded: recorded.epochs, path: folder.path, command: recorded.longer(epochs, folder))
        }
        throw .settingsDiffer(option: option, given: given, recorded: kept, path: folder.path)
    }

    /// The first setting in which a run would differ from a recorded one, with its values in both; nil if there is none.
    public func difference(from recorded: RunConfiguration) -> (option: String, given: String, recorded: String)? {
        for (given, kept) in zip(settings, recorded.settings) where given.value != kept.value {
            return (given.option, given.value, kept.value)
        }
        return nil
    }
}
