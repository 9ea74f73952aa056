// `prep ingest`: reads a dataset's folder and captions, writes a manifest and lists every problem. Datasets.Ingest does the work.
import CommandLineTool
import Datasets
import Files
import Imaging

/// The named layouts, for the help.
private let layouts = DatasetKind.allCases.filter { $0 != .table }.map(\.rawValue).joined(separator: ", ")

let ingestCommand = Command(
    name: "ingest", summary: "Pairs images, masks and captions, checks every sample, writes a manifest.",
    discussion: """
        DATASET is \(layouts), or table for any folder of images, folder of masks and caption table. For table, the names of masks and the \
        columns are inferred and shown; options replace what is inferred. Every image and mask is decoded. All problems are listed (more \
        than 20 of a kind in one line, and each in MANIFESTS/NAME.problems.txt). With any problem no manifest is written and the exit code \
        is 1; --skip-bad leaves the bad samples out, and the summary names them. Splits come from the caption files' names or the folders; \
        for kvasir, else from MedVLSM's published splits; else from --split. They are never drawn unasked. The values of all masks decide \
        what is foreground, and it is shown; masks of several labels need --mask-values, --mask-threshold or --mask-colour. Several masks \
        of one image are united.
        """,
    arguments: [Argument("DATASET", "\(layouts) or table")],
    options: [
        .list(
            "captions", "FILE",
            "caption sheets (MedVLSM JSON, xlsx, csv, JSON, JSON lines) or folders of them; else those found in the root"),
        .value("caption", "TEXT", "one caption for all images, in place of --captions"),
        .flag("no-captions", "images and masks alone, for networks that read no captions; existing captions are left out"),
        .list(
            "sheet", "NAME",
            "read these sheets of a workbook, by name or number; else the only one with content, or those "
                + "named as splits"),
        .value("root", "DIR", "the dataset's folder; else data/ and the release's folder name"),
        .value("images", "DIR", "table: the folder of images"),
        .value("masks", "DIR", "table: the folder of masks; may be that of the images"),
        .value("mask-pattern", "PATTERN", "table: a mask's name for the image {id}, such as '{id}_mask.png'; else inferred"),
        .value("image-pattern", "PATTERN", "table: an image's name, where it holds more than the id, such as 'IMG_{id}'"),
        .value("image-column", "COLUMN", "table: the captions' column of image names, by name or number; else inferred"),
        .value("caption-column", "COLUMN", "table: the column of captions; else inferred"),
        .value("split-column", "COLUMN", "table: the column of train, val, test; else one with a usual name"),
        .value(
            "group-column", "COLUMN",
            "table: the column of patients or studies; --split keeps each in one split; else one with a usual name; none for no column"),
        .value("name", "NAME", "the manifest's name; else DATASET (lvit, table: the root folder's name)"),
        .value("manifests", "DIR", default: "manifests", "where manifests are written"),
        .value("prompt", "PROMPT", "take this MedVLSM prompt, such as p3 or p9[1], instead of the rule's choice"),
        .value("split", "A/B/C", "shares of train/val/test, such as 80/10/10, if the source has no splits"),
        .value("folds", "K", "deal the samples outside the test split to K folds too, as `prep folds` does"),
        .value("seed", "N", default: "1", "the seed of --split and --folds").counting(.any([.with("split"), .with("folds")])),
        .choice(
            "group-by", SubjectKind.allCases.map(\.rawValue),
            "with --split or --folds: keep each patient or study in one split or fold, by a column or by the files' names"),
        .flag("skip-bad", "write the good samples; list the others in the summary"),
        .flag("allow-mask-resize", "accept masks of another size than their image"),
        .value("mask-threshold", "N", "mask values from N up are foreground, at the mask's own bit depth; else found from the values"),
        .list("mask-values", "V", "these mask values or palette indexes are foreground, such as 1,2"),
        .list("mask-colour", "R,G,B", "these colours are foreground, such as 255,0,0"),
        .value(
            "spacing-mm", "Y,X",
            "millimetres a pixel of all images, from row to row and column to column, or one number for both; else the table's columns "
                + "spacing_y and spacing_x"),
        .value("threads", "N", default: "0", "threads to use; 0 means one per core"),
        .flag("overwrite", "replace files at the manifest's path even if they are not manifests"),
        .flag("json", "print the summary as JSON"),
    ],
    examples: [
        "prep ingest kvasir --captions medvlsm.json",
        "prep ingest kvasir --captions captions/train.json captions/val.json captions/test.json",
        "prep ingest mosmed --root data/mosmed --captions Train_Val_text.xlsx --split 80/10/10 --seed 1 --skip-bad",
        "prep ingest table --images busi/images --masks busi/masks --captions busi/captions.csv --name busi --split 80/10/10",
        "prep ingest table --images cvc/images --masks cvc/masks --caption polyp --name cvc --split 80/10/10",
        "prep ingest table --images cvc/images --masks cvc/masks --no-captions --name cvc --split 80/10/10",
        "prep ingest kvasir --captions medvlsm.json --folds 5",
    ]
) { input in
    let word = try input.argument("DATASET")
    guard let dataset = DatasetKind(rawValue: word) else { throw DatasetError.unknownDataset(word) }
    var options = IngestOptions(dataset: dataset)
    options.captions = input.strings("captions")
    options.caption = try oneCaption(input)
    options.leavesCaptionsOut = try leavesCaptionsOut(input)
    options.sheets = input.strings("sheet")
    options.root = input.optionalString("root")
    options.table = try tableChoices(input, dataset)
    options.name = input.optionalString("name")
    options.manifests = try input.string("manifests")
    options.prompt = input.optionalString("prompt")
    options.shares = try input.optionalString("split").map { try SplitShares($0) }
    options.seed = try input.seed("seed")
    let kind = input.wasGiven("group-by") ? try input.choice("group-by", as: SubjectKind.self) : nil
    let folds = input.wasGiven("folds") ? try input.integer("folds", in: 2...100) : nil
    // The folds of known splits are drawn by patients; the splits are not.
    options.groupBy = folds == nil || options.shares != nil ? kind : nil
    options.overwrites = input.flag("overwrite")
    options.skipBad = input.flag("skip-bad")
    options.allowMaskResize = input.flag("allow-mask-resize")
    options.masks = try maskChoice(input)
    options.spacing = try spacing(input)
    let threads = try input.integer("threads", in: 0...1024)
    options.threads = threads == 0 ? ParallelMap.availableThreads : threads

    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    let line = LateProgress(input, "checking")
    let report = try Ingest.run(options, progress: { line.update($0, of: $1) }, cancellation: cancellation)
    line.finish()
    if input.flag("json") { input.printJSON(report.jsonText) } else { IngestText.print(report, to: input) }
    guard report.isWritten else {
        let count = report.summary.problems.count
        throw CommandError(
            .data,
            "\(count) problem\(count == 1 ? "" : "s"), nothing written\(report.problemsPath.map { " but their list, \($0)" } ?? ""); fix "
                + "them, or add --skip-bad to keep the \(report.summary.counts.all) good samples"
        )
    }
    guard let folds else { return }
    try FoldManifests(
        manifest: Manifest.read(folder: options.manifests, name: report.summary.name), folder: options.manifests, count: folds,
        countOption: "folds", kind: kind, seed: options.seed, threads: options.threads,
        say: { if input.flag("json") { input.note($0) } else { input.print($0) } }
    ).write(input)
}

/// The foreground values that the options state, if any.
private func maskChoice(_ input: CommandInput) throws -> MaskChoice {
    let given = ["mask-threshold", "mask-values", "mask-colour"].filter(input.wasGiven)
    if given.count > 1 { throw CommandError(.usage, "--\(given[0]) and --\(given[1]) both set the foreground; give only one of them") }
    switch given.first {
    case "mask-threshold": return .threshold(try input.integer("mask-threshold", in: 1...65535))
    case "mask-values": return .values(try numbers(input, "mask-values", count: nil).joined().sorted())
    case "mask-colour": return .colours(try numbers(input, "mask-colour", count: 3).map { MaskColour($0[0], $0[1], $0[2]) })
    default: return .automatic
    }
}

/// The value of `--spacing-mm`.
private func spacing(_ input: CommandInput) throws -> PixelSpacing? {
    guard let text = input.optionalString("spacing-mm") else { return nil }
    guard let spacing = PixelSpacing(text) else {
        throw ArgumentError.notANumber(
            option: "spacing-mm", value: text,
            wanted: "two numbers above 0 and up to 10000 with a comma between them, such as 0.7,0.7, or one for both directions")
    }
    return spacing
}

/// Comma-separated numbers; each list must have `count` numbers if `count` is given.
private func numbers(_ input: CommandInput, _ option: String, count: Int?) throws -> [[Int]] {
    try input.strings(option).map { text in
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0.filter { $0 != " " }) ?? -1 }
        guard parts.allSatisfy({ (0...(count == nil ? 65535 : 255)).contains($0) }), count == nil || parts.count == count else {
            throw ArgumentError.notANumber(
                option: option, value: text,
                wanted: count == nil
                    ? "whole numbers with commas between them, such as 1,2"
                    : "three numbers from 0 to 255 with commas between them, such as 255,0,0")
        }
        return parts
    }
}

/// The options of `prep ingest table`; nil for other datasets, which accept none of them.
private func tableChoices(_ input: CommandInput, _ dataset: DatasetKind) throws -> TableChoices? {
    guard dataset == .table else {
        for option in [
            "images", "masks", "mask-pattern", "image-pattern", "image-column", "caption-column", "split-column", "group-column",
        ] where input.wasGiven(option) {
            throw CommandError(
                .usage, "--\(option) belongs to `prep ingest table`; \(dataset.rawValue) has its own layout; use --root")
        }
        return nil
    }
    if input.wasGiven("root") { throw CommandError(.usage, "--root: `prep ingest table` takes --images and --masks instead") }
    var choices = TableChoices(images: try input.string("images"), masks: try input.string("masks"))
    choices.maskPattern = input.optionalString("mask-pattern")
    choices.imagePattern = input.optionalString("image-pattern")
    choices.imageColumn = input.optionalString("image-column")
    choices.captionColumn = input.optionalString("caption-column")
    choices.splitColumn = input.optionalString("split-column")
    choices.groupColumn = input.optionalString("group-column")
    return choices
}

/// Whether `--no-captions` is given. No option that concerns captions may be given with it.
private func leavesCaptionsOut(_ input: CommandInput) throws -> Bool {
    guard input.flag("no-captions") else { return false }
    for option in ["captions", "caption"] + captionOptions where input.wasGiven(option) {
        throw CommandError(.usage, "--\(option) needs captions, but --no-captions leaves them out; give only one of the two")
    }
    return true
}

/// Options that concern caption files.
private let captionOptions = ["sheet", "prompt", "image-column", "caption-column", "split-column", "group-column"]

/// The value of `--caption`. It replaces caption files, so no option that concerns caption files may be given with it.
private func oneCaption(_ input: CommandInput) throws -> String? {
    guard let caption = input.optionalString("caption") else { return nil }
    for option in ["captions"] + captionOptions where input.wasGiven(option) {
        throw CommandError(
            .usage, "--\(option) needs caption files, but --caption gives all images one caption; give only one of the two")
    }
    return caption
}
