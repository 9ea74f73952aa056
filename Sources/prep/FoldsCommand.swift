// `prep folds`: deals the samples of a manifest to folds, and writes a manifest for each. Experiments.FoldDealing decides.
// Invariant: the test split stays; every other sample is in the validation split of exactly one fold. A pure function of the manifest, the
// masks, the number of folds, the grouping and the seed.
import CommandLineTool
import Datasets
import Experiments
import Files
import Foundation
import Imaging
import Randomness

let foldsCommand = Command(
    name: "folds", summary: "Deals the samples of a manifest to folds, for cross-validation.",
    discussion: """
        Writes the manifests NAME-fold0, NAME-fold1 and so on. In that of fold k the samples of fold k are the validation split and those \
        of the other folds the training split; the test split stays as it is. All folds hold alike shares of small and large lesions: five \
        classes of the foreground's share of the image. `prep shard` takes them as any manifest, and `train --shards shards/NAME --fold K` \
        trains on one.
        """,
    arguments: [Argument("NAME", "a manifest that prep ingest wrote, such as kvasir")],
    options: [
        .value("count", "K", default: "5", "the number of folds"),
        .choice("group-by", SubjectKind.allCases.map(\.rawValue), "keep each patient or study in one fold, by the files' names"),
        .value("seed", "N", default: "1", "decides which samples come to which fold"),
        .value("manifests", "DIR", default: "manifests", "where `prep ingest` wrote the manifest, and the folds are written"),
        .value("threads", "N", default: "0", "threads to use; 0 means one per core"),
        .flag("overwrite", "replace files at the manifests' paths even if they are not manifests"),
    ],
    examples: ["prep folds kvasir --count 5 && prep shard kvasir-fold0 kvasir-fold1 kvasir-fold2 kvasir-fold3 kvasir-fold4"]
) { input in
    let name = try input.argument("NAME"), folder = try input.string("manifests"), count = try input.integer("count", in: 2...100)
    let seed = try input.seed("seed"), threads = try input.integer("threads", in: 0...1024)
    let kind = input.wasGiven("group-by") ? try input.choice("group-by", as: SubjectKind.self) : nil
    let manifest = try Manifest.read(folder: folder, name: name)
    let samples = manifest.samples.filter { $0.split != .test }
    let groups = try groups(samples, by: kind, seed: seed)
    guard groups.count >= count else {
        let what = kind.map { $0 == .patient ? "patients" : "studies" } ?? "samples"
        throw CommandError(
            .usage,
            "--count \(count): \(name) has \(groups.count) \(what) outside the test split, and each fold needs one; give fewer folds")
    }
    var outputs = OutputPlan(input)
    outputs.reads(Manifest.path(folder: folder, name: name), as: "NAME")
    let names = (0..<count).map { "\(name)-fold\($0)" }
    for fold in names {
        outputs.writes(
            Manifest.path(folder: folder, name: fold), as: "the manifest", OutputKind("manifest", isOwn: { holds("imageSha256", $0) }))
        outputs.writes(
            Manifest.summaryPath(folder: folder, name: fold), as: "its summary",
            OutputKind("manifest's summary", isOwn: { holds("manifestSha256", $0) }))
    }
    try outputs.check()
    let shares = try shares(samples, of: manifest, threads: threads == 0 ? ParallelMap.availableThreads : threads, input)
    let strata = FoldDealing.strata(samples.map { (id: $0.id, value: shares[$0.id] ?? 0) }, count: 5)
    let counts = groups.map { group in (0..<5).map { stratum in group.count { strata[$0] == stratum } } }
    var folds: [String: Int] = [:]
    for (group, fold) in zip(groups, FoldDealing.deal(counts, folds: count)) { for id in group { folds[id] = fold } }
    for (number, fold) in names.enumerated() {
        let own = manifest.samples.map { sample in
            var sample = sample
            if sample.split != .test { sample.split = folds[sample.id] == number ? .val : .train }
            return sample
        }
        func size(_ split: Split) -> Int { own.count { $0.split == split } }
        var summary = manifest.summary
        summary.name = fold
        summary.counts = ManifestSummary.Counts(train: size(.train), val: size(.val), test: size(.test), all: own.count)
        summary.splitsFrom =
            "fold \(number) of \(count), dealt by `prep folds` with seed \(seed)\(kind.map { " in whole groups by \($0.rawValue)" } ?? ""); "
            + "the test split: \(manifest.summary.splitsFrom)"
        try Manifest(samples: own, summary: summary).write(folder: folder)
        let middle = own.filter { $0.split == .val }.compactMap { shares[$0.id] }.sorted()
        input.print(
            "\(Manifest.path(folder: folder, name: fold)): \(size(.train)) train, \(size(.val)) val, \(size(.test)) test"
                + String(format: "; half of the val masks cover more than %.1f %%", (middle.isEmpty ? 0 : middle[middle.count / 2]) * 100))
    }
    // Of an earlier deal with more folds: its validation samples are training samples of these.
    for number in count..<100 where FileIO.exists(Manifest.path(folder: folder, name: "\(name)-fold\(number)")) {
        input.warn(
            "\(Manifest.path(folder: folder, name: "\(name)-fold\(number)")) is of an earlier deal of more folds; remove it, its summary and "
                + "its shards, so that deals are not mixed")
    }
    input.print("next: " + ShellWord.command("prep", ["shard"] + names))
}

/// Ids that must stay together, in a drawn order.
private func groups(_ samples: [ManifestSample], by kind: SubjectKind?, seed: UInt64) throws -> [[String]] {
    if let kind, let first = samples.first, samples.allSatisfy({ kind.name(in: $0.id) == nil }) {
        throw DatasetError.noSubjects(kind: kind, example: first.id)
    }
    let byGroup = Dictionary(grouping: samples.map(\.id)) { id in kind.map { $0.group(of: id) } ?? id }
    var groups = byGroup.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
    var random = SplitMix64(seed: seed, stream: 0xF01D)
    random.shuffle(&groups)
    return groups
}

/// The foreground's share of each image, by id.
private func shares(_ samples: [ManifestSample], of manifest: Manifest, threads: Int, _ input: CommandInput) throws -> [String: Double] {
    let cancellation = Cancellation(), line = input.progress("measuring", total: samples.count, unit: "masks")
    Interrupt.onRequest { cancellation.cancel() }
    let found: [Result<Double, any Error>]
    do {
        found = try ParallelMap.map(samples, threads: threads, cancellation: cancellation, progress: { line.update(done: $0) }) { sample in
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
    } catch { throw CommandError(.cancelled, "stopped; nothing was written") }
    line.finish()
    return Dictionary(uniqueKeysWithValues: try zip(samples, found).map { ($0.id, try $1.get()) })
}

private func holds(_ key: String, _ path: String) -> Bool {
    (try? FileIO.readText(path, limit: 1 << 30))?.contains("\"\(key)\"") ?? false
}
