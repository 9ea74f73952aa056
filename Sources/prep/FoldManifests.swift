// Deals the samples of a manifest to folds, and writes a manifest for each. Experiments.FoldDealing decides.
// Invariant: the test split stays; every other sample is in the validation split of exactly one fold. A pure function of the manifest, the
// masks, the number of folds, the grouping and the seed.
import CommandLineTool
import Datasets
import Experiments
import Files
import Imaging
import Randomness

struct FoldManifests {
    let manifest: Manifest
    /// Where the manifest is, and those of the folds are written.
    let folder: String
    let count: Int
    /// The option that gave the number, for errors.
    let countOption: String
    /// What stays in one fold; nil for samples on their own.
    let kind: SubjectKind?
    let seed: UInt64
    let threads: Int
    /// Receives what each fold holds, and the next command.
    let say: (String) -> Void

    private static let strata = 5
    private var names: [String] { (0..<count).map(name) }
    private func name(_ fold: Int) -> String { "\(manifest.name)-fold\(fold)" }

    /// Checks, deals and writes.
    func write(_ input: CommandInput) throws {
        let samples = manifest.samples.filter { $0.split != .test }
        let groups = try groups(samples)
        guard groups.count >= count else {
            let what = kind.map { $0 == .patient ? "patients" : "studies" } ?? "samples"
            throw CommandError(
                .usage,
                "--\(countOption) \(count): \(manifest.name) has \(groups.count) \(what) outside the test split, and each fold needs one; "
                    + "give fewer folds")
        }
        try checkOutputs(input)
        let shares = try shares(samples, input)
        let strata = FoldDealing.strata(samples.map { (id: $0.id, value: shares[$0.id] ?? 0) }, count: Self.strata)
        let counts = groups.map { group in (0..<Self.strata).map { stratum in group.count { strata[$0] == stratum } } }
        var folds: [String: Int] = [:]
        for (group, fold) in zip(groups, FoldDealing.deal(counts, folds: count)) { for id in group { folds[id] = fold } }
        for fold in 0..<count { try write(fold, dealt: folds, shares) }
        // Of an earlier deal with more folds: its validation samples are training samples of these.
        for fold in count..<100 where FileIO.exists(Manifest.path(folder: folder, name: name(fold))) {
            input.warn(
                "\(Manifest.path(folder: folder, name: name(fold))) is of an earlier deal of more folds; remove it, its summary and its "
                    + "shards, so that deals are not mixed")
        }
        say("next: " + ShellWord.command("prep", ["shard"] + names))
    }

    private func checkOutputs(_ input: CommandInput) throws {
        var outputs = OutputPlan(input)
        outputs.reads(Manifest.path(folder: folder, name: manifest.name), as: "the manifest")
        for fold in names {
            outputs.writes(
                Manifest.path(folder: folder, name: fold), as: "the manifest",
                OutputKind("manifest", isOwn: { Self.holds("imageSha256", $0) }))
            outputs.writes(
                Manifest.summaryPath(folder: folder, name: fold), as: "its summary",
                OutputKind("manifest's summary", isOwn: { Self.holds("manifestSha256", $0) }))
        }
        try outputs.check()
    }

    private func write(_ fold: Int, dealt: [String: Int], _ shares: [String: Double]) throws {
        let own = manifest.samples.map { sample in
            var sample = sample
            if sample.split != .test { sample.split = dealt[sample.id] == fold ? .val : .train }
            return sample
        }
        func size(_ split: Split) -> Int { own.count { $0.split == split } }
        var summary = manifest.summary
        summary.name = name(fold)
        summary.counts = ManifestSummary.Counts(train: size(.train), val: size(.val), test: size(.test), all: own.count)
        summary.splitsFrom =
            "fold \(fold) of \(count), dealt with seed \(seed)\(kind.map { " in whole groups by \($0.rawValue)" } ?? ""); "
            + "the test split: \(manifest.summary.splitsFrom)"
        try Manifest(samples: own, summary: summary).write(folder: folder)
        let middle = own.filter { $0.split == .val }.compactMap { shares[$0.id] }.sorted()
        say(
            "\(Manifest.path(folder: folder, name: name(fold))): \(size(.train)) train, \(size(.val)) val, \(size(.test)) test; half of the "
                + "val masks cover more than \(Self.percent(middle.isEmpty ? 0 : middle[middle.count / 2]))")
    }

    private static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }

    /// Ids that must stay together, in a drawn order.
    private func groups(_ samples: [ManifestSample]) throws -> [[String]] {
        if let kind, let first = samples.first, samples.allSatisfy({ recorded($0) == nil && kind.name(in: $0.id) == nil }) {
            throw DatasetError.noSubjects(kind: kind, example: first.id)
        }
        // A column of the table is not mixed with names: a sample without a cell in it stands alone, as in drawn splits.
        let isByName = samples.allSatisfy { recorded($0) == nil } || samples.allSatisfy { recorded($0) == kind?.name(in: $0.id) }
        let byGroup = Dictionary(grouping: samples) { sample in
            guard let kind else { return sample.id }
            return isByName ? kind.group(of: sample.id) : recorded(sample) ?? "\u{0}" + sample.id
        }
        var groups = byGroup.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { $0.value.map(\.id) }
        var random = SplitMix64(seed: seed, stream: 0xF01D)
        random.shuffle(&groups)
        return groups
    }

    /// The patient or study that the manifest holds, if these are what is to stay together.
    private func recorded(_ sample: ManifestSample) -> String? {
        (manifest.summary.options.groupBy ?? .patient) == kind ? sample.group : nil
    }

    /// The foreground's share of each image, by id.
    private func shares(_ samples: [ManifestSample], _ input: CommandInput) throws -> [String: Double] {
        let cancellation = Cancellation(), line = input.progress("measuring", total: samples.count, unit: "masks"), manifest = manifest
        Interrupt.onRequest { cancellation.cancel() }
        let found: [Result<Double, any Error>]
        do {
            found = try ParallelMap.map(samples, threads: threads, cancellation: cancellation, progress: { line.update(done: $0) }) {
                sample in
                Result {
                    // Several masks are united; their areas are added, which is the same where they do not overlap.
                    try manifest.maskPaths(sample).reduce(0.0) { sum, path in
                        do {
                            let mask = try manifest.maskReading.mask(FileIO.read(path, limit: 1 << 30))
                            return sum + Double(mask.pixels.reduce(0) { $0 + Int($1) }) / Double(mask.width * mask.height)
                        } catch let error as ImagingError {
                            throw CommandError(.data, "\(path): \(error); run prep ingest again")
                        }
                    }
                }
            }
        } catch { throw CommandError(.cancelled, "stopped; no fold was written") }
        line.finish()
        return Dictionary(uniqueKeysWithValues: try zip(samples, found).map { ($0.id, try $1.get()) })
    }

    private static func holds(_ key: String, _ path: String) -> Bool {
        (try? FileIO.readText(path, limit: 1 << 30))?.contains("\"\(key)\"") ?? false
    }
}
