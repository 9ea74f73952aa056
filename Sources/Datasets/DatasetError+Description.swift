// The texts of DatasetError: what was found, what was expected, where, and what to do.
import Files
import Imaging
import Tables

extension DatasetError: LinedError {
    /// The message, line by line: problems are listed one a line.
    public var lines: [String] {
        guard case .nothingGood(let problems, let list, let notes) = self else { return [description] }
        return [
            "no sample is usable; \(list == nil ? "nothing" : "only the list of problems") was written"
                + (problems.isEmpty ? ": no samples were found" : ":")
        ]
            + ProblemList(problems).lines(list: list).map { "  " + $0 } + notes.map { "  found: " + $0 }
    }

    public var description: String {
        switch self {
        case .unknownDataset(let name):
            "unknown dataset \"\(name)\"; expected one of \(DatasetKind.allCases.map(\.rawValue).joined(separator: ", "))"
                + Self.hint(Spelling.nearest(to: name.lowercased(), among: DatasetKind.allCases.map(\.rawValue)))
        case .noRoot(let dataset, let tried):
            "no folder of \(dataset.title) found\(tried.isEmpty ? "" : ": tried " + tried.joined(separator: ", ")); name it with --root DIR"
        case .rootNotFound(let path, let hint), .folderNotFound(_, let path, let hint):
            "\(path): \(hint)"
        case .wrongRoot(let path, let dataset, let wanted, let found, let suggestion):
            "\(path): not \(dataset.title): looked (here and in the folders below) for \(Self.either(wanted)); found \(Self.some(found))"
                + (suggestion.map { "; \($0)" } ?? "; check --root")
        case .ambiguousRoot(let path, let dataset, let candidates):
            "\(path): several folders look like \(dataset.title): \(ListText.joined(candidates, none: "none by name")); name one of "
                + "them with --root"
        case .badPattern(let option, let text):
            "--\(option) \"\(text)\": expected a file name with {id} once in it, such as '{id}_mask.png'"
        case .namesNotUTF8(let folder, let count, let example):
            "\(folder): \(count) file name\(count == 1 ? " is" : "s are") not UTF-8 (such as \"\(example)\"), so no caption can name "
                + "\(count == 1 ? "it" : "them");"
                + " rename with `convmv -f latin1 -t utf8 --notest \"\(folder)\"/*`, or unpack the archive again and state its encoding"
        case .noPairs(let images, let masks, let imageNames, let maskNames, let tried, let count):
            (images == masks
                ? "\(images): no image (\(Self.examples(imageNames, none: "there are none"))) has a mask in the same folder:"
                : "no image of \(images) (\(Self.examples(imageNames, none: "there are none"))) has a mask in \(masks) "
                    + "(\(Self.examples(maskNames, none: "none of that extension"))):")
                + " tried \(count) naming rule\(count == 1 ? "" : "s")"
                + "\(tried.isEmpty ? "" : " (\(tried.joined(separator: "; "))\(count > tried.count ? "; ..." : ""))");"
                + (images == masks ? " name the folder of masks with --masks, or" : "")
                + " say how masks are named with --mask-pattern, such as '{id}_mask.png',"
                + " and, if image names hold more than the id, --image-pattern"
        case .badName(let name):
            "\"\(name)\" cannot be a manifest's name; use letters and digits of any script, dots, dashes and underscores, no dot at the "
                + "beginning, such as --name kvasir"
        case .noCaptions(let root, _, let looked):
            "no captions: no --captions given and none found in "
                + "\(root)\(looked.isEmpty ? "" : " (looked for \(looked.joined(separator: ", ")))"); "
                + "name the caption sheets with --captions FILE..., or give all images one caption with --caption TEXT; "
                + "or, for networks that read no captions, leave them out with --no-captions"
        case .badCaption(let text):
            "--caption \"\(text)\": the text is empty; expected one sentence for all images, such as --caption \"polyp\""
        case .captions(let error): "\(error)"
        case .captionsNotFound(let path, let hint):
            "\(path): no such file; check --captions\(hint)"
        case .noPictures(let finding):
            "\(finding.path): no \(ImageFormat.list) files in it: \(finding.found); \(finding.cure)"
        case .noSplit(let count, let total, let example, let isKvasir, let unread, let captionsAreLeftOut):
            "\(count) of \(total) samples have no split (such as \"\(example)\"); "
                + (captionsAreLeftOut ? "" : "give caption files for train, val and test, or ") + "add --split 80/10/10 --seed 1"
                + (isKvasir ? "; the images are those of Kvasir-SEG, whose published splits `prep ingest kvasir` uses" : "")
                + unread.map { "; \($0)" }.joined()
        case .badRatios(let text):
            "--split \"\(text)\": expected three shares for train, val and test, such as --split 80/10/10"
        case .splitNotNeeded(let source, let known):
            "--split given, but "
                + (known.count == Split.allCases.count
                    ? "all three splits are known"
                    : "every sample already has a split, \(ListText.joined(known.map(\.rawValue), by: " or ", none: "of some name"))")
                + ": \(source); leave --split out"
        case .groupingNeedsShares(let kind):
            "--group-by \(kind.rawValue) needs the shares of the splits to draw: add --split 80/10/10 --seed 1"
        case .noSubjects(let kind, let example):
            "--group-by \(kind.rawValue): no sample's name contains a \(kind.rawValue) (such as \"\(example)\"); names such as "
                + "Morozov_study_0255_10, "
                + "sub-S09340_ses-E17441_run-1, TCGA-2Z-A9J9-01 or patient7_slice3 do: leave --group-by out, put the "
                + "\(kind.rawValue) into the file names, or, if the caption table has a column for it, use --group-column of prep ingest"
        case .groupColumnNeedsShares(let column):
            "--group-column \(column) needs the shares of the splits to draw: add --split 80/10/10 --seed 1"
        case .tooFewGroups(let column, let count, let splits):
            "the column \(column) has \(count) group\(count == 1 ? "" : "s") for \(splits) splits; ask for fewer splits, such as --split "
                + "80/20/0, or ignore the column with --group-column none"
        case .tooFewSubjects(let kind, let count, let splits):
            "--group-by \(kind.rawValue): the names contain \(count) \(kind == .patient ? "patients" : "studies") for \(splits) splits; "
                + "ask for fewer splits, such as --split 80/20/0, or leave --group-by out"
        case .maskLabels(let what, let found, let files):
            "the masks hold \(found.count) different \(what): \(Words.list(found, limit: 20)); say which are foreground with "
                + "--mask-values, such as --mask-values "
                + Self.exampleValues(found, what) + (found.count > 32 ? " (or were images given as masks?)" : "")
                + (what.hasPrefix("values")
                    ? ", or make all values from N up foreground with --mask-threshold N (\(Words.files(files)))"
                    : " (\(Words.files(files)))")
        case .maskColours(let found, let files):
            "the masks are in colour, and it is not known which colour is foreground: \(Words.list(found, limit: 20)) "
                + "(\(Words.files(files))); name "
                + "it with --mask-colour, such as --mask-colour "
                + (found.last.map { String($0.prefix { $0 != " " }) } ?? "255,0,0")
        case .maskChoice(let option, let reason):
            "--\(option): \(reason)"
        case .masksDisagree(let first, let held, let second, let others):
            "the masks disagree, \(Words.files(first.count)) against \(second.count): \(Self.some(first)) hold \(held), but "
                + "\(Self.some(second)) hold \(others); store all masks in the same way, "
                + "or set one rule for all files with --mask-threshold, --mask-values or --mask-colour"
        case .masksWithoutContrast(let what, let count, let held):
            "\(count == 1 ? "the only mask is" : "all \(count) masks are") \(what): \(held); nothing can be learned from them. "
                + "Check that these files are the masks, and set the foreground with --mask-values, --mask-threshold or --mask-colour; "
                + "nothing was written"
        case .nothingGood: lines.joined(separator: "\n")
        case .manifestNotFound(let path, let known):
            "\(path): no such manifest; "
                + (known.isEmpty
                    ? "make one with prep ingest"
                    : "there are \(known.joined(separator: ", "))" + Self.hint(Self.manifest(meantBy: path, among: known)))
        case .foreignManifest(let path):
            "\(path): this file exists, and prep ingest did not write it; give another --name or --manifests, or add --overwrite to "
                + "replace it"
        case .manifestIsInput(let path, let input):
            "\(path): prep ingest would overwrite the caption file \(input); give another --name or --manifests"
        case .manifestMalformed(let path, let line, let reason):
            "\(path)\(line.map { ", line \($0)" } ?? ""): \(reason); make the manifest again with prep ingest"
        case .manifestVersion(let path, let found):
            "\(path): manifest format \(found), this program reads \(ManifestSummary.versions.lowerBound) to "
                + "\(ManifestSummary.versions.upperBound); make it again with prep ingest"
        case .manifestMismatch(let path, let summary):
            "\(path): not the manifest that \(summary) describes (its SHA-256 differs); make it again with prep ingest"
        case .folderOccupied(let path, let found):
            "\(path): holds files that the demo did not write (\(Self.some(found))); name an empty or new folder with --out"
        case .demoCount(let count):
            "--count \(count): the demo needs 6 to 9999 images, or a split would be empty"
        case .drawing(let reason): "a demo picture could not be encoded: \(reason)"
        case .file(let error): error.description
        case .cancelled: "stopped on request; nothing was written"
        }
    }

    private static func hint(_ name: String?) -> String { name.map { "; did you mean \($0)?" } ?? "" }

    /// The manifest that the user meant by a file name, a path or a mistyped name.
    private static func manifest(meantBy path: String, among known: [String]) -> String? {
        var name = FileName.last(path)
        for ending in [".jsonl", ".jsonl", ".summary.json"] where name.hasSuffix(ending) { name = String(name.dropLast(ending.count)) }
        return known.contains(name) ? name : Spelling.nearest(to: name, among: known)
    }

    /// Some names with an ellipsis, or `none`.
    private static func examples(_ names: [String], none: String) -> String {
        names.isEmpty ? none : names.joined(separator: ", ") + ", ..."
    }

    /// The first two values above the lowest. Palette index 255 is left out, because it usually marks borders.
    private static func exampleValues(_ found: [String], _ what: String) -> String {
        let values = found.dropFirst().map { String($0.prefix { $0 != " " }) }.filter { what != "palette indexes" || $0 != "255" }
        return values.isEmpty ? "1" : values.prefix(2).joined(separator: ",")
    }

    private static func either(_ items: [String]) -> String { ListText.joined(items, by: " or ", none: "its folders") }

    private static func some(_ names: [String]) -> String {
        if names.isEmpty { return "an empty folder" }
        return names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
    }
}
