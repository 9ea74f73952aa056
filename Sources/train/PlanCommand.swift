// `train plan FILE`: trains the runs of a plan that are missing, one after another, and shows what all of them reached.
// Not for the plan's rules (Experiments), nor for one run: each is a `train` of its own (ChildRun).
import CommandLineTool
import Experiments
import Files
import Foundation
import ModelOptions
import Training

/// Options of train that a plan decides, or that make no sense for several runs.
private let ownOptions: Set<String> = ["shards", "cache", "run", "resume", "seed", "overwrite"]
/// Options of the machine: the command line gives them, a plan does not.
private let machineOptions: Set<String> = ["memory", "skip-bad", "workers", "threads", "max-steps", "device", "tf32", "deterministic"]

let planCommand = Command(
    name: "plan", summary: "Trains the runs of a plan, such as an ablation, one after another.",
    discussion: """
        A plan is a JSON file: settings that differ in named options, and seeds. Each run is a process of its own in \
        runs/PLAN/SETTING. A finished run is skipped, a stopped one resumed; a failed one is named, the others go on, and the exit code \
        is 1. After Ctrl-C the same command goes on. Other options replace those of the plan for all runs, such as fewer epochs on a \
        small machine; their defaults are those of train.
        """,
    arguments: [Argument("FILE", "a plan, such as Experiments/losses.json")],
    options: [
        .value("shards", "DIR", "the shard folder of a dataset, or its http(s) address (default: the plan's)"),
        .value("cache", "DIR", "where shards of an address are kept; else ~/.cache/swift-vlseg/shards"),
        .value("run", "DIR", "the folder of the runs (default: runs/ and the plan's name)"),
        .value("seeds", "LIST", "seeds separated by commas, such as 0,1,2 (default: the plan's)"),
        Option.flag(
            "compare", "at the end run `segment compare` on the test split, and write comparison.html, .json and .md beside the runs"
        )
        .counting(.without(["dry-run"])),
        .flag("dry-run", "list the runs, their states and commands; train nothing"),
    ] + trainCommand.options.filter { !ownOptions.contains($0.name) },
    examples: [
        "train plan Experiments/losses.json --shards shards/kvasir --dry-run",
        "train plan Experiments/losses.json --shards shards/demo --epochs 2 --batch-size 8",
        "train plan Experiments/table2.json --text-encoder models/text-encoder --init models/convnext-tiny --seeds 0,1,2",
    ]
) { input in
    let path = try input.argument("FILE"), cancellation = Cancellation()
    let plan = try PlanReader.read(path, rules: rules)
    let runs = try plan.runs(overrides: try overrides(input), seeds: try seeds(input))
    let folder = input.optionalString("run") ?? "runs/" + plan.name, summaryPath = folder + "/summary.csv"
    let child = ChildRun()
    if !input.flag("dry-run") {
        Interrupt.onRequest {
            cancellation.cancel()
            child.stop()
        }
    }
    let given = input.optionalString("shards") ?? plan.shards
    let shards = try shardFolder(input, given, cancellation) ?? given
    var outputs = OutputPlan(input)
    outputs.reads(path, as: "FILE")
    outputs.readsFolder(shards, as: "--shards", keepsOutputsOut: true)
    outputs.writesFolder(folder, as: "--run")
    if FileIO.isFolder(folder) {
        outputs.writes(summaryPath, as: "the summary", OutputKind("summary of a plan", isOwn: isSummary))
    }
    try outputs.check()
    var planned = try PlannedRuns(
        plan, runs, shards: shards, folder: folder, stepLimit: try input.optionalInteger("max-steps", in: 1...Int.max))
    if input.flag("dry-run") {
        for item in planned.items {
            input.print("\(item.folder.path): \(item.state.words)")
            input.print("  " + (item.state.isDone ? "nothing to do" : ShellWord.command("train", item.words)))
        }
        return
    }
    try FileIO.createFolder(folder)
    let status = StatusLine(input), count = planned.items.count
    for index in planned.items.indices where !planned.items[index].state.isDone {
        if cancellation.isCancelled { break }
        let item = planned.items[index], label = "\(plan.name): run \(index + 1) of \(count), \(item.run.name)"
        status.say("\(label): \(item.state.verb)")
        let began = ProcessInfo.processInfo.systemUptime
        let ending = try child.run(item.words, log: item.log) { status.update("\(label): \($0)") }
        try planned.update(index, after: ending)
        let state = planned.items[index].state, seconds = ProcessInfo.processInfo.systemUptime - began
        status.say("\(label): " + (state.isNew ? "stopped before its first step" : "\(state.words), \(ProgressLine.duration(seconds))"))
    }
    let summary = try planned.summary()
    try FileIO.writeAtomically(summary.csv, to: summaryPath)
    input.printLines(Printable.lines(summary.text))
    try conclude(input, planned, path: path, summaryPath: summaryPath, isCancelled: cancellation.isCancelled)
    let comparison = comparison(input, planned, folder: folder)
    guard input.flag("compare") else { return input.print("next: " + ShellWord.command("segment", comparison)) }
    let code = try child.segment(comparison)
    if cancellation.isCancelled {
        throw CommandError(.cancelled, "stopped while comparing; all runs are done. To go on, give the same command")
    }
    guard code == ExitCode.success else {
        throw CommandError(
            code == ExitCode.environment ? .environment : .usage,
            "the runs are done, but their comparison failed: " + ShellWord.command("segment", comparison))
    }
}

/// The words of `segment` that compare all runs on the test split.
private func comparison(_ input: CommandInput, _ planned: PlannedRuns, folder: String) -> [String] {
    var words = ["compare"] + planned.items.map(\.folder.path)
    // All folds have one test split.
    let shards = Set(planned.items.map(\.shards))
    words += ["--shards", planned.items.first?.shards ?? ""] + (shards.count > 1 ? ["--other-shards"] : [])
    for (option, ending) in [("html", "html"), ("json", "json"), ("markdown", "md")] {
        words += ["--\(option)", "\(folder)/comparison.\(ending)"]
    }
    for option in ["device", "threads"] where input.wasGiven(option) { words += ["--" + option, input.optionalString(option) ?? ""] }
    return words
}

/// The last lines, or the error that decides the exit code.
private func conclude(_ input: CommandInput, _ planned: PlannedRuns, path: String, summaryPath: String, isCancelled: Bool) throws {
    let open = planned.items.filter { !$0.state.isDone }
    if isCancelled, !open.isEmpty {
        throw CommandError(
            .cancelled,
            "stopped with \(open.count) of \(planned.items.count) runs to do; what was done is saved. To go on, give the same command")
    }
    let failed = open.map { "\($0.run.name) (\($0.state.words); its output is in \($0.log))" }
    input.print(
        "\(summaryPath): the table; val Dice and IoU are those of the epoch with the lowest validation loss, whose weights are kept")
    guard failed.isEmpty else {
        throw CommandError(
            .data,
            "\(failed.count) of \(planned.items.count) runs failed: \(failed.joined(separator: "; ")). The same command tries them again")
    }
    if let bad = planned.items.first(where: \.leftOutShards) {
        throw CommandError(.data, "\(bad.run.name) left out damaged shards (--skip-bad); \(bad.log) names them")
    }
}

private let isSummary: @Sendable (String) -> Bool = { path in
    (try? FileIO.readText(path, limit: 1 << 24))?.hasPrefix(PlanSummary.csvHeader) ?? false
}

/// What a plan may say of train.
private let rules = PlanRules(
    options: Dictionary(
        uniqueKeysWithValues: trainCommand.options.filter { !ownOptions.union(machineOptions).contains($0.name) }.map { option in
            (option.name, option.kind == .flag ? .flag : option.kind == .list ? .pairs : .value)
        })
) { words in
    let silent = Console(writeOutput: { _ in }, writeError: { _ in }, errorIsTerminal: false)
    do {
        _ = try newConfiguration(trainCommand.input(["--shards", "x"] + words, console: silent), shards: "x")
        return nil
    } catch { return "\(error)" }
}

/// The options of train that the command line gives for all runs.
private func overrides(_ input: CommandInput) throws -> TrainOptions {
    var entries: [TrainOptions.Entry] = []
    for option in trainCommand.options where !ownOptions.contains(option.name) && input.wasGiven(option.name) {
        switch option.kind {
        case .flag: entries.append(TrainOptions.Entry(option.name))
        case .value: entries.append(TrainOptions.Entry(option.name, value: try input.string(option.name)))
        case .list: entries += try ModelChoice.pairs(input).map { TrainOptions.Entry(option.name, key: $0.key, value: $0.value) }
        }
    }
    return TrainOptions(entries)
}

private func seeds(_ input: CommandInput) throws -> [UInt64]? {
    guard let text = input.optionalString("seeds") else { return nil }
    let seeds = text.split(separator: ",", omittingEmptySubsequences: false).map { UInt64($0) }
    let known = seeds.compactMap { $0 }
    guard known.count == seeds.count, Set(known).count == known.count else {
        throw ArgumentError.notANumber(
            option: "seeds", value: text, wanted: "a list of whole numbers from 0 to 2^64 - 1, each once, such as 0,1,2")
    }
    return known
}
