// The texts of DatasetError: what was found, what was expected, where, and what to do.
import Files
import Tables

extension DatasetError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownDataset(let name):
            "unknown dataset \"\(name)\"; expected one of \(DatasetKind.allCases.map(\.rawValue).joined(separator: ", "))"
        case .noRoot(let dataset, let tried):
            "no folder of \(dataset.title) found: tried \(tried.joined(separator: ", ")); name it with --root DIR"
        case .rootNotFound(let path):
            "\(path): no such folder; check --root"
        case .wrongRoot(let path, let dataset, let wanted, let found, let suggestion):
            "\(path): not \(dataset.title): looked (here and in the folders below) for \(Self.either(wanted)); found \(Self.some(found))"
                + (suggestion.map { "; \($0)" } ?? "; check --root")
        case .ambiguousRoot(let path, let dataset, let candidates):
            "\(path): several folders look like \(dataset.title): \(candidates.joined(separator: ", ")); name one of them with --root"
        case .folderNotFound(let option, let path):
            "\(path): no such folder; check --\(option)"
        case .badPattern(let option, let text):
            "--\(option) \"\(text)\": expected a file name with {id} once in it, such as '{id}_mask.png'"
        case .noPairs(let images, let masks, let imageNames, let maskNames, let tried, let count):
            "no image of \(images) (\(imageNames.joined(separator: ", ")), ...) finds a mask in \(masks) (\(maskNames.isEmpty ? "none of that extension" : maskNames.joined(separator: ", ") + ", ...")):"
                + " tried \(count) rule\(count == 1 ? "" : "s") (\(tried.joined(separator: "; "))\(count > tried.count ? "; ..." : "")); say how masks are named with --mask-pattern, such as '{id}_mask.png',"
                + " and, where images carry more than the id, --image-pattern"
        case .badName(let name):
            "\"\(name)\" cannot be a manifest's name; use letters, digits, dots, dashes and underscores, such as --name kvasir"
        case .noCaptions(let root, _, let looked):
            "no captions: no --captions given and none found in \(root) (looked for \(looked.joined(separator: ", "))); name the caption sheets with --captions FILE..."
        case .captions(let error): "\(error)"
        case .noImages(let root, let folders):
            "\(root): no PNG, JPEG or TIFF files in \(folders.joined(separator: ", ")); check --root"
        case .noSplit(let count, let total, let example):
            "nothing says which split \(count) of \(total) samples belong to (\"\(example)\" for one); name caption files for train, val and test, or add --split 80/10/10 --seed 1"
        case .badRatios(let text):
            "\"\(text)\" is no split; expected three shares for train, val and test, such as --split 80/10/10"
        case .splitNotNeeded(let source):
            "--split given, but all three splits are known: \(source); leave --split out"
        case .groupingNeedsShares(let kind):
            "--group-by \(kind.rawValue) draws splits and needs their shares: add --split 80/10/10 --seed 1"
        case .noSubjects(let kind, let example):
            "--group-by \(kind.rawValue): no sample's name tells a \(kind.rawValue) (\"\(example)\" for one); names as Morozov_study_0255_10, "
                + "sub-S09340_ses-E17441_run-1, TCGA-2Z-A9J9-01 or patient7_slice3 do: leave --group-by out, or name the files by \(kind.rawValue)"
        case .tooFewSubjects(let kind, let count, let splits):
            "--group-by \(kind.rawValue): the names tell \(count) \(kind == .patient ? "patients" : "studies") for \(splits) splits; "
                + "ask for fewer splits, such as --split 80/20/0, or leave --group-by out"
        case .maskLabels(let what, let found, let files):
            "the masks hold \(found.count) different \(what): \(Words.list(found, limit: 20)); say which are foreground with --mask-values, such as --mask-values "
                + (found.count > 2 ? found.dropFirst().prefix(2).map { String($0.prefix { $0 != " " }) }.joined(separator: ",") : "1")
                + (what == "values" ? ", or with --mask-threshold N that all values from N on are (\(Words.files(files)))" : " (\(Words.files(files)))")
        case .maskColours(let found, let files):
            "the masks are in colours, and nothing says which is foreground: \(Words.list(found, limit: 20)) (\(Words.files(files))); name it with --mask-colour, such as --mask-colour "
                + (found.last.map { String($0.prefix { $0 != " " }) } ?? "255,0,0")
        case .maskChoice(let option, let reason):
            "--\(option): \(reason)"
        case .masksDisagree(let first, let held, let second, let others):
            "the masks disagree, \(Words.files(first.count)) against \(second.count): \(Self.some(first)) hold \(held), \(Self.some(second)) hold \(others); store all in one way, "
                + "or decide for all files alike with --mask-threshold, --mask-values or --mask-colour"
        case .masksWithoutContrast(let isFull, let count, let held):
            "\(count == 1 ? "the only mask is" : "all \(count) masks are") \(isFull ? "foreground throughout" : "empty"): \(held); nothing can be learned from them. "
                + "Check that these are the masks, and say what is foreground with --mask-values, --mask-threshold or --mask-colour; nothing was written"
        case .nothingGood(let problems):
            "none of the samples is good; nothing was written:" + problems.prefix(20).map { "\n  " + $0.line }.joined()
                + (problems.count > 20 ? "\n  and \(problems.count - 20) more" : "")
        case .manifestNotFound(let path, let known):
            "\(path): no such manifest; " + (known.isEmpty ? "make one with prep ingest" : "there are \(known.joined(separator: ", "))")
        case .manifestMalformed(let path, let line, let reason):
            "\(path)\(line.map { ", line \($0)" } ?? ""): \(reason); make the manifest again with prep ingest"
        case .manifestVersion(let path, let found):
            "\(path): manifest format \(found), this program reads \(ManifestSummary.currentVersion); make it again with prep ingest"
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

    private static func either(_ items: [String]) -> String { items.joined(separator: " or ") }

    private static func some(_ names: [String]) -> String {
        if names.isEmpty { return "an empty folder" }
        return names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
    }
}
