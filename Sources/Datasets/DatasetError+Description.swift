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
                + (problems.isEmpty ? ": there are none" : ":")
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
            "\(folder): \(count) file name\(count == 1 ? " is" : "s are") not UTF-8 (\"\(example)\" for one), so no caption can name "
                + "\(count == 1 ? "it" : "them");"
                + " rename with `convmv -f latin1 -t utf8 --notest \"\(folder)\"/*`, or unpack the archive again with its encoding named"
        case .noPairs(let images, let masks, let imageNames, let maskNames, let tried, let count):
            (images == masks
                ? "\(images): none of its pictures (\(Self.examples(imageNames, none: "there is none"))) is another one's mask:"
                : "no image of \(images) (\(Self.examples(imageNames, none: "there is none"))) finds a mask in \(masks) "
                    + "(\(Self.examples(maskNames, none: "none of that extension"))):")
                + " tried \(count) rule\(count == 1 ? "" : "s")"
                + "\(tried.isEmpty ? "" : " (\(tried.joined(separator: "; "))\(count > tried.count ? "; ..." : ""))");"
                + (images == masks ? " name the folder of masks with --masks, or" : "")
                + " say how masks are named with --mask-pattern, such as '{id}_mask.png',"
                + " and, where images carry more than the id, --image-pattern"
        case .badName(let name):
            "\"\(name)\" cannot be a manifest's name; use letters and digits of any script, dots, dashes and underscores, no dot at the "
                + "beginning, such as --name kvasir"
        case .noCaptions(let root, _, let looked):
            "no captions: no --captions given and none found in "
                + "\(root)\(looked.isEmpty ? "" : " (looked for \(looked.joined(separator: ", ")))"); "
                + "name the caption sheets with --captions FILE..., or give all images one caption with --caption TEXT; "
                + "or, for networks that read none, leave captions out with --no-captions"
        case .badCaption(let text):
            "--caption \"\(text)\": no text; expected a sentence about every image, such as --caption \"polyp\""
        case .captions(let error): "\(error)"
        case .captionsNotFound(let path, let hint):
            "\(path): no such file; check --captions\(hint)"
        case .noPictures(let finding):
            "\(finding.path): no \(ImageFormat.list) files in it: \(finding.found); \(finding.cure)"
        case .noSplit(let count, let total, let example, let isKvasir, let unread, let captionsAreLeftOut):
            "nothing says which split \(count) of \(total) samples belong to (\"\(example)\" for one); "
                + (captionsAreLeftOut ? "" : "name caption files for train, val and test, or ") + "add --split 80/10/10 --seed 1"
                + (isKvasir ? "; they are Kvasir-SEG's, whose published splits `prep ingest kvasir` knows" : "")
                + unread.map { "; \($0)" }.joined()
        case .badRatios(let text):
            "\"\(text)\" is no split; expected three shares for train, val and test, such as --split 80/10/10"
        case .splitNotNeeded(let source, let known):
            "--split given, but "
                + (known.count == Split.allCases.count
                    ? "all three splits are known"
                    : "each sample has its split already, \(ListText.joined(known.map(\.rawValue), by: " or ", none: "of some name"))")
                + ": \(source); leave --split out"
        case .groupingNeedsShares(let kind):
            "--group-by \(kind.rawValue) draws splits and needs their shares: add --split 80/10/10 --seed 1"
        case .noSubjects(let kind, let example):
            "--group-by \(kind.rawValue): no sample's name tells a \(kind.rawValue) (\"\(example)\" for one); names as "
                + "Morozov_study_0255_10, "
                + "sub-S09340_ses-E17441_run-1, TCGA-2Z-A9J9-01 or patient7_slice3 do: leave --group-by out, name the files by "
                + "\(kind.rawValue), or, where a table has a column of them, use --group-column"
        case .groupColumnNeedsShares(let column):
            "--group-column \(column) keeps groups whole where splits are drawn, and needs their shares: add --split 80/10/10 --seed 1"
        case .tooFewGroups(let column, let count, let splits):
            "the column \(column) tells \(count) group\(count == 1 ? "" : "s") for \(splits) splits; ask for fewer splits, such as --split "
                + "80/20/0, or draw them without it by --group-column none"
        case .tooFewSubjects(let kind, let count, let splits):
            "--group-by \(kind.rawValue): the names tell \(count) \(kind == .patient ? "patients" : "studies") for \(splits) splits; "
                + "ask for fewer splits, such as --split 80/20/0, or leave --group-by out"
        case .maskLabels(let what, let found, let files):
            "the masks hold \(found.count) different \(what): \(Words.list(found, limit: 20)); say which are foreground with "
                + "--mask-values, such as --mask-values "
                + Self.exampleValues(found, what) + (found.count > 32 ? " (or were images given as masks?)" : "")
                + (what.hasPrefix("values")
                    ? ", or with --mask-threshold N that all values from N on are (\(Words.files(files)))" : " (\(Words.files(files)))")
        case .maskColours(let found, let files):
            "the masks are in colours, and nothing says which is foreground: \(Words.list(found, limit: 20)) (\(Words.files(files))); name "
                + "it with --mask-colour, such as --mask-colour "
                + (found.last.map { String($0.prefix { $0 != " " }) } ?? "255,0,0")
        case .maskChoice(let option, let reason):
            "--\(option): \(reason)"
        case .masksDisagree(let first, let held, let second, let others):
            "the masks disagree, \(Words.files(first.count)) against \(second.count): \(Self.some(first)) hold \(held), "
                + "\(Self.some(second)) hold \(others); store all in one way, "
                + "or decide for all files alike with --mask-threshold, --mask-values or --mask-colour"
        case .masksWithoutContrast(let what, let count, let held):
            "\(count == 1 ? "the only mask is" : "all \(count) masks are") \(what): \(held); nothing can be learned from them. "
                + "Check that these are the masks, and say what is foreground with --mask-values, --mask-threshold or --mask-colour; "
                + "nothing was written"
        case .nothingGood: lines.joined(separator: "\n")
        case .manifestNotFound(let path, let known):
            "\(path): no such manifest; "
                + (known.isEmpty
                    ? "make one with prep ingest"
                    : "there are \(known.joined(separator: ", "))" + Self.hint(Self.manifest(meantBy: path, among: known)))
        case .foreignManifest(let path):
            "\(path): is there and no file of prep ingest; give another --name or --manifests, or add --overwrite to replace it"
        case .manifestIsInput(let path, let input):
            "\(path): prep ingest would write over the caption file \(input); give another --name or --manifests"
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

    /// The manifest that a name means which is a file's name or path, or is mistyped.
    private static func manifest(meantBy path: String, among known: [String]) -> String? {
        var name = FileName.last(path)
        for ending in [".jsonl", ".jsonl", ".summary.json"] where name.hasSuffix(ending) { name = String(name.dropLast(ending.count)) }
        return known.contains(name) ? name : Spelling.nearest(to: name, among: known)
    }

    /// Some names with an ellipsis, or `none`.
    private static func examples(_ names: [String], none: String) -> String {
        names.isEmpty ? none : names.joined(separator: ", ") + ", ..."
    }

    /// The first two values above the lowest; of palette indexes not the 255 that usually marks borders.
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
