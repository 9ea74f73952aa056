// From a dataset's folder and its captions to a manifest: find, pair, match captions, split, check every sample, write.
// Each step is a type of its own; this file is their order.
// Invariant: problems without `skipBad`, or any failure, leave the manifests folder as it was.
import Files
import Foundation
import Imaging
import Tables

public enum Ingest {
    /// Runs the whole ingest.
    /// - Parameter progress: called with finished and all samples while they are checked.
    /// - Returns: the report; its manifest is written unless there are problems and `skipBad` is off.
    public static func run(
        _ options: IngestOptions, progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(DatasetError) -> IngestReport {
        let source = try options.table.map { choices throws(DatasetError) in try TableSource(choices) }
        let folders = if let source { source.folders } else { try RootSearch.find(options.dataset, root: options.root) }
        let name = try manifestName(options, root: folders.root)
        var pairing: Pairing
        do { pairing = try Pairing(folders, rule: source?.rule) } catch { throw .file(error) }
        let (tables, captionsFrom) = try captions(options, folders, pairing)
        if pairing.entries.isEmpty { throw .noImages(root: folders.root, folders: folders.sets.map(\.images)) }
        let matching = CaptionMatching(tables, pairing: pairing, sets: folders.sets)
        for (index, caption) in matching.chosen { if let mask = caption.maskName { pairing.adoptMask(named: mask, for: index, folders) } }
        pairing.finish(folders)

        let candidates = candidates(pairing, matching, folders.sets)
        let plan = try SplitPlan(
            candidates.map { ($0.entry.id, $0.split) }, origin: origin(candidates, tables), shares: options.shares, seed: options.seed,
            groupBy: options.groupBy)
        let validation = SampleValidation(root: folders.root, allowMaskResize: options.allowMaskResize, findsExtent: options.dataset == .kvasir)
        let outcomes = try check(candidates, validation, options.threads, progress, cancellation)

        let maskFiles = MaskFile.all(zip(candidates, outcomes).map { ($0.entry.id, $1.facts) })
        let masks = try MaskDecision.make(maskFiles, choice: options.masks)
        let refused = Set(masks.problems.map(\.id))
        var samples: [ManifestSample] = [], extents: [MaskExtent?] = []
        for (candidate, outcome) in zip(candidates, outcomes) {
            guard let facts = outcome.facts, let first = facts.masks.first, !refused.contains(candidate.entry.id),
                let split = plan.splits[candidate.entry.id]
            else { continue }
            extents.append(masks.reading == MaskReading() || options.dataset != .kvasir ? facts.maskExtent : validation.extent(of: facts.masks, by: masks.reading))
            let further = facts.masks.dropFirst().map { FurtherMask(mask: $0.path, maskSHA256: $0.sha256) }
            samples.append(ManifestSample(
                id: candidate.entry.id, image: candidate.entry.image, mask: first.path, caption: candidate.caption.text,
                captionSource: candidate.caption.source, split: split, width: facts.width, height: facts.height,
                imageSHA256: facts.imageSHA256, maskSHA256: first.sha256, furtherMasks: further.isEmpty ? nil : further))
        }
        let problems = ordered(pairing.problems + matching.problems + outcomes.flatMap(\.problems) + masks.problems)
        if samples.isEmpty { throw .nothingGood(problems: problems) }
        let maskReport = try masks.report(maskFiles.filter { !refused.contains($0.id) })
        let good = Set(samples.map(\.id))
        var warnings = pairing.warnings + matching.warnings + remarks(outcomes)
        for split in Split.allCases where !samples.contains(where: { $0.split == split }) {
            warnings.append("the \(split.rawValue) split is empty")
        }
        let summary = ManifestSummary(
            formatVersion: ManifestSummary.currentVersion, name: name, dataset: options.dataset, root: folders.root,
            counts: counts(samples), captionFiles: tables.map(\.path), captionsFrom: captionsFrom, splitsFrom: plan.source,
            captionSources: Dictionary(grouping: samples, by: \.captionSource).mapValues(\.count), maskThreshold: masks.reading.threshold,
            masks: maskReport,
            options: ManifestSummary.Options(
                prompt: options.prompt, split: options.shares?.text, seed: options.seed, groupBy: options.groupBy, skipBad: options.skipBad,
                allowMaskResize: options.allowMaskResize, table: options.table),
            problems: problems, skipped: Set(problems.map(\.id)).subtracting(good).sorted(), warnings: warnings,
            inferred: source.map { $0.notes + tables.flatMap(\.notes) },
            release: options.dataset == .kvasir ? KvasirRelease()?.check(Array(zip(samples, extents))) : nil, manifestSHA256: "")
        let manifest = Manifest(samples: samples, summary: summary)
        if cancellation.isCancelled { throw .cancelled }
        let writes = problems.isEmpty || options.skipBad
        if writes { try manifest.write(folder: options.manifests) }
        return IngestReport(
            manifest: manifest, isWritten: writes, manifestPath: Manifest.path(folder: options.manifests, name: name),
            summaryPath: Manifest.summaryPath(folder: options.manifests, name: name))
    }

    // MARK: Steps

    private static func manifestName(_ options: IngestOptions, root: String) throws(DatasetError) -> String {
        let folder = FileIO.lastPart(of: root).lowercased()
        let name = options.name ?? ([.lvit, .table].contains(options.dataset) ? folder : options.dataset.rawValue)
        let allowed = name.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "._-+".unicodeScalars.contains($0))
        }
        guard allowed, !name.isEmpty, !name.hasPrefix("."), name.count <= 100 else { throw .badName(name) }
        return name
    }

    private static func captions(
        _ options: IngestOptions, _ folders: DatasetFolders, _ pairing: Pairing
    ) throws(DatasetError) -> ([CaptionTable], String) {
        let paths = options.captions.isEmpty ? folders.sheets.map { "\(folders.root)/\($0)" } : options.captions
        if paths.isEmpty {
            throw .noCaptions(root: folders.root, dataset: options.dataset, looked: options.dataset.layout.sheetPlaces)
        }
        let columns = options.table.map { choices in
            let lookup = CaptionMatching.Lookup(pairing.entries)
            return ColumnRequest(image: choices.imageColumn, caption: choices.captionColumn, split: choices.splitColumn) {
                !lookup.indices(for: $0).indices.isEmpty
            }
        }
        var tables: [CaptionTable] = []
        var seen: Set<String> = []
        for path in paths {
            do {
                for table in try CaptionReader.read(path, prompt: options.prompt, columns: columns) where seen.insert(FileIO.absolute(table.path)).inserted {
                    tables.append(table)
                }
            } catch {
                throw .captions(error)
            }
        }
        return (tables, options.captions.isEmpty ? "found in the root" : "named by --captions")
    }

    /// A sample that has all three parts.
    private struct Candidate: Sendable {
        let entry: Entry
        let masks: [String]
        let caption: ChosenCaption
        let split: Split?
        let splitByFolder: Bool
    }

    private static func candidates(_ pairing: Pairing, _ matching: CaptionMatching, _ sets: [ImageFolders]) -> [Candidate] {
        let barred = Set(pairing.problems.filter { [.inSeveralSplits, .duplicateName, .ambiguousMask].contains($0.kind) }.map(\.id))
        return pairing.entries.enumerated().compactMap { index, entry in
            guard !barred.contains(entry.id), let mask = entry.mask, let caption = matching.chosen[index] else { return nil }
            let set = sets[entry.set]
            let byFolder = set.splitIsFinal || caption.split == nil
            return Candidate(
                entry: entry, masks: [mask] + entry.furtherMasks, caption: caption, split: byFolder ? set.split : caption.split,
                splitByFolder: byFolder && set.split != nil)
        }
    }

    private static func origin(_ candidates: [Candidate], _ tables: [CaptionTable]) -> String {
        let columns = Set(tables.compactMap(\.splitColumn)).sorted()
        let source = columns.isEmpty ? "the caption files' names" : "the column \(columns.map { "\"\($0)\"" }.joined(separator: ", ")) of the captions"
        let byFolder = candidates.filter(\.splitByFolder).count
        let byCaption = candidates.filter { !$0.splitByFolder && $0.split != nil }.count
        return switch (byFolder > 0, byCaption > 0) {
        case (true, true): "\(source) for \(byCaption) samples, the folders' names for \(byFolder)"
        case (true, false): "the folders' names"
        case (false, true): source
        case (false, false): "nothing"
        }
    }

    private static func check(
        _ candidates: [Candidate], _ validation: SampleValidation, _ threads: Int,
        _ progress: (@Sendable (_ done: Int, _ total: Int) -> Void)?, _ cancellation: Cancellation
    ) throws(DatasetError) -> [SampleValidation.Outcome] {
        let total = candidates.count
        do {
            return try ParallelMap.map(
                candidates, threads: threads, cancellation: cancellation, progress: { done in progress?(done, total) }
            ) { candidate in
                validation.check(id: candidate.entry.id, image: candidate.entry.image, masks: candidate.masks)
            }
        } catch {
            throw .cancelled
        }
    }

    /// Remarks of one kind in one line, with the files' names.
    private static func remarks(_ outcomes: [SampleValidation.Outcome]) -> [String] {
        let byKind = Dictionary(grouping: outcomes.flatMap(\.remarks)) { ($0.isMask ? "mask" : "image") + "\n" + $0.what }
        return byKind.sorted { $0.key < $1.key }.compactMap { _, all in
            guard let first = all.first else { return nil }
            let subject = (first.isMask ? "mask" : "image") + (all.count == 1 ? "" : "s")
            return Listing.line("\(all.count) \(subject), \(first.what)", all.map(\.path))
        }
    }

    private static func counts(_ samples: [ManifestSample]) -> ManifestSummary.Counts {
        func count(_ split: Split) -> Int { samples.count { $0.split == split } }
        return ManifestSummary.Counts(train: count(.train), val: count(.val), test: count(.test), all: samples.count)
    }

    private static func ordered(_ problems: [SampleProblem]) -> [SampleProblem] {
        problems.sorted { ($0.kind.rawValue, $0.id, $0.path) < ($1.kind.rawValue, $1.id, $1.path) }
    }
}
