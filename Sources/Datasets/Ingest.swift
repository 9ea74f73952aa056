// From a dataset's folder and its captions to a manifest: find, pair, match captions, split, check every sample, write.
// Each step is a type of its own; this file is their order.
// Invariant: problems without `skipBad`, or any failure, leave the manifests as they were (a long list of problems is written beside them).
import Files
import Foundation
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
        let (folders, places) = if let source { (source.folders, [String]()) } else { try RootSearch.find(options.dataset, root: options.root).resolved() }
        let name = try manifestName(options, root: folders.root)
        var pairing: Pairing
        do { pairing = try Pairing(folders, rule: source?.rule) } catch { throw .file(error) }
        let (tables, captionsFrom) = try captions(options, folders, pairing)
        if pairing.entries.isEmpty {
            let what = NoPictures(path: folders.sets[0].images, found: "all are named as masks are", cure: "name the folder of images with --images")
            throw .noPictures(what)
        }
        let matching = CaptionMatching(tables, pairing: pairing, sets: folders.sets)
        for (index, caption) in matching.chosen { if let mask = caption.maskName { pairing.adoptMask(named: mask, for: index, folders) } }
        pairing.finish(folders)

        let (candidates, published, unplaced) = publishedSplits(candidates(pairing, matching, folders.sets), options)
        let plan = try SplitPlan(
            candidates.map { ($0.entry.id, $0.split) }, origin: published ?? origin(candidates, tables), shares: options.shares, seed: options.seed,
            groupBy: options.groupBy)
        let validation = SampleValidation(
            root: folders.root, maskThreshold: options.maskThreshold, allowMaskResize: options.allowMaskResize,
            findsExtent: options.dataset == .kvasir, rootIsNamed: source == nil)
        let outcomes = try check(candidates, validation, options.threads, progress, cancellation)

        var samples: [ManifestSample] = [], extents: [MaskExtent?] = []
        for (candidate, outcome) in zip(candidates, outcomes) {
            guard let facts = outcome.facts, let split = plan.splits[candidate.entry.id] else { continue }
            extents.append(facts.maskExtent)
            samples.append(ManifestSample(
                id: candidate.entry.id, image: candidate.entry.image, mask: candidate.mask, caption: candidate.caption.text,
                captionSource: candidate.caption.source, split: split, width: facts.width, height: facts.height,
                imageSHA256: facts.imageSHA256, maskSHA256: facts.maskSHA256))
        }
        let problems = ordered(pairing.problems + matching.problems + unplaced + outcomes.flatMap(\.problems))
        let inferred = places + (source?.notes ?? []) + (source == nil ? [] : tables.flatMap(\.notes))
        if cancellation.isCancelled { throw .cancelled }
        let list = ProblemList(problems).write(folder: options.manifests, name: name)
        if samples.isEmpty { throw .nothingGood(problems: problems, list: list, notes: inferred) }
        let imageBits = ImageBits(zip(candidates, outcomes).compactMap { pair in pair.1.facts?.imageBits.map { (path: pair.0.entry.image, bits: $0) } })
        let good = Set(samples.map(\.id))
        var warnings = pairing.warnings + matching.warnings + remarks(outcomes) + imageBits.remarks
        for split in Split.allCases where !samples.contains(where: { $0.split == split }) {
            warnings.append("the \(split.rawValue) split is empty")
        }
        let summary = ManifestSummary(
            formatVersion: ManifestSummary.currentVersion, name: name, dataset: options.dataset, root: folders.root,
            counts: counts(samples), captionFiles: tables.map(\.path), captionsFrom: captionsFrom, splitsFrom: plan.source,
            captionSources: Dictionary(grouping: samples, by: \.captionSource).mapValues(\.count), maskThreshold: options.maskThreshold,
            imageBits: imageBits.recorded, options: ManifestSummary.Options(
                prompt: options.prompt, split: options.shares?.text, seed: options.seed, groupBy: options.groupBy, skipBad: options.skipBad,
                allowMaskResize: options.allowMaskResize, table: options.table),
            problems: problems, skipped: Set(problems.map(\.id)).subtracting(good).sorted(), warnings: warnings,
            inferred: source == nil && inferred.isEmpty ? nil : inferred,
            release: options.dataset == .kvasir ? KvasirRelease()?.check(Array(zip(samples, extents))) : nil, manifestSHA256: "")
        let manifest = Manifest(samples: samples, summary: summary)
        if cancellation.isCancelled { throw .cancelled }
        let writes = problems.isEmpty || options.skipBad
        if writes { try manifest.write(folder: options.manifests) }
        return IngestReport(
            manifest: manifest, isWritten: writes, problemsPath: list, manifestPath: Manifest.path(folder: options.manifests, name: name),
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
                if case .file(.notFound) = error { throw .captionsNotFound(path: path, hint: FolderHint.captionFiles(beside: path)) }
                throw .captions(error)
            }
        }
        return (tables, options.captions.isEmpty ? "found in the root" : "named by --captions")
    }

    /// A sample that has all three parts.
    private struct Candidate: Sendable {
        let entry: Entry
        let mask: String
        let caption: ChosenCaption
        var split: Split?
        let splitByFolder: Bool
    }

    /// Kvasir-SEG's splits as MedVLSM published them, where nothing else gives any and none are asked for.
    /// - Returns: the samples that have a split now, the sentence for the summary (nil where the table was not used), and problems of the others.
    private static func publishedSplits(_ candidates: [Candidate], _ options: IngestOptions) -> ([Candidate], String?, [SampleProblem]) {
        guard options.dataset == .kvasir, options.shares == nil, options.groupBy == nil, candidates.allSatisfy({ $0.split == nil }),
            let table = MedVLSMSplits() else { return (candidates, nil, []) }
        var placed: [Candidate] = [], problems: [SampleProblem] = []
        for var candidate in candidates {
            candidate.split = table.split(of: candidate.entry.id)
            if candidate.split == nil {
                problems.append(.noSplit(id: candidate.entry.id, image: candidate.entry.image))
            } else {
                placed.append(candidate)
            }
        }
        return placed.isEmpty ? (candidates, nil, []) : (placed, MedVLSMSplits.source, problems)
    }

    private static func candidates(_ pairing: Pairing, _ matching: CaptionMatching, _ sets: [ImageFolders]) -> [Candidate] {
        let barred = Set(pairing.problems.filter { [.inSeveralSplits, .duplicateName, .ambiguousMask].contains($0.kind) }.map(\.id))
        return pairing.entries.enumerated().compactMap { index, entry in
            guard !barred.contains(entry.id), let mask = entry.mask, let caption = matching.chosen[index] else { return nil }
            let set = sets[entry.set]
            let byFolder = set.splitIsFinal || caption.split == nil
            return Candidate(
                entry: entry, mask: mask, caption: caption, split: byFolder ? set.split : caption.split,
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
                validation.check(id: candidate.entry.id, image: candidate.entry.image, mask: candidate.mask)
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
