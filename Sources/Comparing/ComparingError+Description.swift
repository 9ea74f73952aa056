// The texts of ComparingError: what was found, what was expected, what to do.
import Files

extension ComparingError {
    public var description: String {
        switch self {
        case .segmenting(let error): return "\(error)"
        case .explaining(let error): return "\(error)"
        case .table(let error): return "\(error)"
        case .file(let error): return "\(error)"
        case .notARun(let path, let hint): return "RUN \(path): expected a run's folder, with config.json and best.safetensors\(hint)"
        case .noCheckpoint(let run):
            return "RUN \(run): no best.safetensors in this folder; a run writes it after its first epoch; train on, or leave the run out"
        case .givenTwice(let label, let path): return "\(label) \(path) is given twice; give it once"
        case .notAnEvaluation(let path): return "--from \(path): expected the JSON of an evaluation, as `segment evaluate --json` writes it"
        case .otherEvaluation(let path, let first, let difference):
            return
                "--from \(path) cannot be compared with \(first): \(difference); images are compared one by one, so evaluate both on the "
                + "same split of the same shards, at the same size"
        case .otherShards(let shards, let runs):
            let list = runs.map { run, splits, trainedOn in
                "\(run) (trained on \(trainedOn); \(splits.joined(separator: " and ")) \(splits.count > 1 ? "differ" : "differs"))"
            }
            return
                "trained on other shards than \(shards): \(list.joined(separator: ", ")); scores of such runs are not of the same "
                + "experiment, and the test images may be among their training images. Give the shards that all runs were trained on, leave "
                + "these runs out, or add --other-shards to compare on purpose: every output says so"
        case .unknownColumn(let path, let column, let known):
            return
                "\(path): column \"\(column)\" is not known; expected model, text, dataset, or one of \(known.joined(separator: ", ")), "
                + "with (%), (M) or (G) behind a name where values are in percent, millions or billions"
        case .columnMissing(let path, let column, let found):
            return "\(path): no column \"\(column)\"; found \(ListText.joined(found, none: "none")); the first line names the columns"
        case .columnTwice(let path, let column): return "\(path): two columns are \"\(column)\"; remove one"
        case .badValue(let path, let line, let column, let found, let expected):
            return "\(path), line \(line), column \"\(column)\": found \"\(found)\", expected \(expected)"
        case .noPublishedRows(let path): return "\(path): no rows below the names of the columns"
        case .datasetNotChosen(let path, nil, let found):
            return "\(path) holds figures of \(found.joined(separator: ", ")); add --dataset NAME"
        case .datasetNotChosen(let path, let given?, let found):
            return "\(path) holds no figures of \"\(given)\"; its data sets are \(ListText.joined(found, none: "not named"))"
        case .drawing(let reason): return "the panels cannot be drawn: \(reason)"
        }
    }
}
