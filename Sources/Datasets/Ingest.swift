// From a dataset's folder and its captions to a manifest: find, pair, match captions, split, check every sample, write.
// Each step is a type of its own; this file is their order.
// Invariant: problems without `skipBad`, or any failure, leave the manifests as they were (a long list of problems is written beside them).
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
        let (folders, places) =
            if let source { (source.folders, [String]()) } else { try RootSearch.find(options.dataset, root: options.root).resolved() }
        let name = try manifestName(options, root: folders.root)
        var pairing: Pairing
        do { pairing = try Pairing(folders, rule: source?.rule) } catch { throw .file(error) }
        let captions = try CaptionSources(options, folders, pairing)
        try ManifestReplacement.check(name, folder: options.manifests, inputs: captions.tables.map(\.path), overwrites: options.overwrites)
        if pairing.entries.isEmpty {
            let what = NoPictures(
                path: folders.sets[0].images, found: "all of its files are named as masks", cure: "name the folder of images with --images")
            throw .noPictures(what)
        }
        let matching = CaptionMatching(captions, pairing: pairing, sets: folders.sets)
        for (index, caption) in matching.chosen { if let mask = caption.maskName { pairing.adoptMask(named: mask, for: index, folders) } }
        pairing.finish(folders)

        let inferred = places + (source?.notes ?? []) + (source == nil ? [] : captions.tables.flatMap(\.notes))
        let complete = candidates(pairing, captions.areLeftOut ? nil : matching, folders.sets)
        if complete.isEmpty { throw nothingGood(pairing.problems + matching.problems, options, name, captions.sheetNotes + inferred) }
        let (candidates, published, unplaced) = publishedSplits(complete, options)
        let groups = ColumnGroups(
            columns: captions.groupColumns, groups: candidates.map { ($0.entry.id, $0.caption?.group) },
            isAsked: options.groupBy != nil || options.table?.groupColumn != nil)
        if let column = options.table?.groupColumn, column != TableChoices.noGroups, options.shares == nil {
            throw .groupColumnNeedsShares(column)
        }
        let plan: SplitPlan
        do {
            plan = try SplitPlan(
                candidates.map { ($0.entry.id, $0.split) }, origin: published ?? origin(candidates, captions), shares: options.shares,
                seed: options.seed,
                groupBy: options.groupBy, groups: groups)
        } catch { throw explained(error, candidates, captions, options) }
        let validation = SampleValidation(
            root: folders.root, allowMaskResize: options.allowMaskResize, findsExtent: options.dataset == .kvasir,
            rootIsNamed: source == nil)
        let outcomes = try check(candidates, validation, options.threads, progress, cancellation)

        let maskFiles = MaskFile.all(zip(candidates, outcomes).map { ($0.entry.id, $1.facts) })
        let masks = try MaskDecision.make(maskFiles, choice: options.masks)
        let refused = Set(masks.problems.map(\.id))
        var samples: [ManifestSample] = [], extents: [MaskExtent?] = []
        for (candidate, outcome) in zip(candidates, outcomes) {
            guard let facts = outcome.facts, let first = facts.masks.first, !refused.contains(candidate.entry.id),
                let split = plan.splits[candidate.entry.id]
            else { continue }
            extents.append(
                masks.reading == MaskReading() || options.dataset != .kvasir
                    ? facts.maskExtent : validation.extent(of: facts.masks, by: masks.reading))
            let others = candidate.caption?.others ?? []
            let further = facts.masks.dropFirst().map { FurtherMask(mask: $0.path, maskSHA256: $0.sha256) }
            samples.append(
                ManifestSample(
                    id: candidate.entry.id, image: candidate.entry.image, mask: first.path, caption: candidate.caption?.text,
                    captionSource: candidate.caption?.source, split: split, width: facts.width, height: facts.height,
                    imageSHA256: facts.imageSHA256, maskSHA256: first.sha256, furtherMasks: further.isEmpty ? nil : further,
                    group: group(of: candidate.entry.id, groups, options), otherCaptions: others.isEmpty ? nil : others,
                    spacing: options.spacing ?? candidate.caption?.spacing))
        }
        let problems = ordered(pairing.problems + matching.problems + unplaced + outcomes.flatMap(\.problems) + masks.problems)
        let imageBits = ImageBits(
            zip(candidates, outcomes).compactMap { pair in pair.1.facts?.imageBits.map { (path: pair.0.entry.image, bits: $0) } })
        if cancellation.isCancelled { throw .cancelled }
        if samples.isEmpty { throw nothingGood(problems, options, name, captions.sheetNotes + inferred) }
        let maskReport = try masks.report(maskFiles.filter { !refused.contains($0.id) }) {
            validation.foreground(of: $0.path, by: masks.reading)
        }
        let list = ProblemList(problems).write(folder: options.manifests, name: name)
        let good = Set(samples.map(\.id))
        var warnings = pairing.warnings + matching.warnings + remarks(outcomes) + imageBits.remarks
        for split in Split.allCases where !samples.contains(where: { $0.split == split }) {
            warnings.append("the \(split.rawValue) split is empty")
        }
        if let leak = groups?.leak(plan.splits) { warnings.append(leak) }
        let summary = ManifestSummary(
            formatVersion: captions.areLeftOut ? 2 : 1, name: name, dataset: options.dataset, root: folders.root,
            counts: counts(samples), captionFiles: captions.files, captionsFrom: captions.from,
            captions: captions.areLeftOut ? ManifestSummary.noCaptions : nil, splitsFrom: plan.source,
            captionSources: Dictionary(grouping: samples.compactMap(\.captionSource), by: { $0 }).mapValues(\.count),
            maskThreshold: masks.reading.threshold,
            masks: maskReport, imageBits: imageBits.recorded,
            options: ManifestSummary.Options(
                prompt: options.prompt, split: options.shares?.text, seed: options.seed, groupBy: options.groupBy, skipBad: options.skipBad,
                allowMaskResize: options.allowMaskResize, table: options.table, caption: options.caption,
                noCaptions: captions.areLeftOut ? true : nil, sheets: options.sheets.isEmpty ? nil : options.sheets,
                spacing: options.spacing),
            problems: problems, skipped: Set(problems.map(\.id)).subtracting(good).sorted(), warnings: warnings,
            inferred: source == nil && inferred.isEmpty ? nil : inferred,
            sheets: captions.sheetNotes.isEmpty ? nil : captions.sheetNotes,
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
            switch $0.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark, .spacingMark,
                .decimalNumber:
                true
            default: "._-+".unicodeScalars.contains($0)
            }
        }
        guard allowed, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 200 else { throw .badName(name) }
        return name
    }

    /// The error of a dataset without a usable sample. A long list of problems is written to a file.
    private static func nothingGood(
        _ problems: [SampleProblem], _ options: IngestOptions, _ name: String, _ inferred: [String]
    ) -> DatasetError {
        let sorted = ordered(problems)
        return .nothingGood(problems: sorted, list: ProblemList(sorted).write(folder: options.manifests, name: name), notes: inferred)
    }

    /// A sample that has all its parts.
    private struct Candidate: Sendable {
        let entry: Entry
        let masks: [String]
        /// Nil where captions are left out.
        let caption: ChosenCaption?
        var split: Split?
        let splitByFolder: Bool
    }

    /// Gives samples MedVLSM's published splits of Kvasir-SEG, if no other source gives splits and the user asks for none.
    /// - Returns: the samples that have a split now, the sentence for the summary (nil if the table was not used), and problems of the
    ///   others.
    private static func publishedSplits(_ candidates: [Candidate], _ options: IngestOptions) -> ([Candidate], String?, [SampleProblem]) {
        guard options.dataset == .kvasir, options.shares == nil, options.groupBy == nil, candidates.allSatisfy({ $0.split == nil }),
            let table = MedVLSMSplits()
        else { return (candidates, nil, []) }
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

    /// - Parameter matching: nil if captions are left out.
    private static func candidates(_ pairing: Pairing, _ matching: CaptionMatching?, _ sets: [ImageFolders]) -> [Candidate] {
        let barred = Set(
            pairing.problems.filter { [.inSeveralSplits, .duplicateName, .ambiguousMask, .leftoverMask].contains($0.kind) }.map(\.id))
        return pairing.entries.enumerated().compactMap { index, entry in
            guard !barred.contains(entry.id), let mask = entry.mask else { return nil }
            let caption = matching?.chosen[index]
            if matching != nil, caption == nil { return nil }
            let set = sets[entry.set]
            let byFolder = set.splitIsFinal || caption?.split == nil
            return Candidate(
                entry: entry, masks: [mask] + entry.furtherMasks, caption: caption, split: byFolder ? set.split : caption?.split,
                splitByFolder: byFolder && set.split != nil)
        }
    }

    /// Adds what else is known to an error of the splits: hidden sheets that were not read, or a release with published splits.
    private static func explained(
        _ error: DatasetError, _ candidates: [Candidate], _ captions: CaptionSources, _ options: IngestOptions
    ) -> DatasetError {
        switch error {
        case .splitNotNeeded(let source, let known):
            let passed = captions.sheetNotes.filter { $0.contains("passed over: hidden") }
            return .splitNotNeeded(source: ([source] + passed).joined(separator: "; "), known: known)
        case .noSplit(let count, let total, let example, _, _, _):
            let published = MedVLSMSplits()
            let held = candidates.count { published?.split(of: $0.entry.id) != nil }
            let unread = captions.tables.flatMap(\.notes).filter { $0.contains("is not used for splits") }
            return .noSplit(
                count: count, of: total, example: example, isKvasir: options.dataset != .kvasir && held * 2 > candidates.count,
                unread: unread, captionsAreLeftOut: captions.areLeftOut)
        default: return error
        }
    }

    private static func origin(_ candidates: [Candidate], _ captions: CaptionSources) -> String {
        let source = captions.splitOrigin
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

    private static func ordered(_ problems: [SampleProblem]) -> [SampleProblem] {
        problems.sorted { ($0.kind.rawValue, $0.id, $0.path) < ($1.kind.rawValue, $1.id, $1.path) }
    }
}
