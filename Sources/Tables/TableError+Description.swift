// The texts of TableError: what was found, what was expected, what to do. Every list has a word for the case that it is empty.
import Files

extension TableError {
    public var description: String {
        switch self {
        case .file(let error): return error.description
        case .empty(let path): return "\(path): the file is empty; expected captions (xlsx, csv, json or jsonl)"
        case .noRows(let path):
            return "\(path): holds no captions; expected one row or object for each image; for a set without captions "
                + "add --no-captions"
        case .nothingInFolder(let path):
            return "\(path): no caption files in this folder; expected .json, .jsonl, .xlsx or .csv files, "
                + "or a folder anns/ with train.json, val.json and test.json"
        case .wrongKind(let path, let found):
            return "\(path): \(found); expected a caption file: xlsx or csv with the columns Image and Description, or json"
        case .notJSON(let path, let line, let column, let found):
            return "\(path), line \(line), column \(column): not JSON: \(found)"
        case .notCaptions(let path, let found):
            return "\(path): \(found); expected a list of MedVLSM objects (img_name, mask_name, prompts), "
                + "a list (or lines) of {\"image\": …, \"caption\": …}, or one object {\"image name\": \"caption\"}"
        case .damagedSheet(let path, let reason):
            return "\(path): \(reason); expected an .xlsx workbook (open it in a spreadsheet program and save it again)"
        case .tooMany(let path, let what, let limit):
            return
                "\(path): more than \(limit) \(what), the most that a caption file may hold; check that it is the right file, or split it"
        case .tooLarge(let path, let part, let bytes, let limit):
            return "\(path): its part \(part) unpacks to \(bytes) bytes, more than the \(limit) allowed for a caption sheet"
        case .columnsMissing(let path, let expected, let found):
            return "\(path): no column \(ListText.joined(quoted(expected), by: " and no column ", none: "that is needed")) "
                + "in the header row; the columns found are \(ListText.joined(quoted(found), none: "none")); "
                + "for a set without captions add --no-captions"
        case .columnNotFound(let path, let option, let wanted, let found):
            return "\(path): no column \"\(wanted)\" (--\(option)); the columns are \(ListText.joined(quoted(found), none: "none"))"
        case .columnTwice(let path, let name, let places, let option):
            let numbers = ListText.joined(places.map(String.init), by: " and ", none: "several")
            return "\(path): the header says \"\(name)\" more than once (columns \(numbers)); give each column its own name"
                + (option.map { ", or choose one by its number with --\($0)" } ?? "")
        case .noImageColumn(let path, let tried, let hint):
            return
                "\(path): no column holds names of existing images; tried "
                + "\(ListText.joined(tried, none: "none, because there is no column")), "
                + "with and without extension and mask affixes;"
                + (hint.map { " \($0); else" } ?? "") + " check --images, or name the column with --image-column"
        case .noCaptionColumn(let path, let tried):
            return "\(path): no column looks like captions (a usual name such as \"caption\", or two or more words in a cell); "
                + (tried.isEmpty ? "there is no column besides" : "tried \(ListText.joined(tried, none: "none"));")
                + (tried.isEmpty
                    ? " the images' names; add one, or give all images one caption with --caption TEXT" : " name it with --caption-column")
                + "; or leave captions out with --no-captions"
        case .severalCaptionColumns(let path, let found):
            return
                "\(path): without a header, several columns look like captions (\(ListText.joined(found, none: "none has a name"))); if a "
                + "delimiter within a caption split it, "
                + "put captions in quotes; else add a header line, or name one with --caption-column"
        case .noCaptionText(let paths, let columns, let rows, let words):
            return "\(ListText.joined(paths, none: "captions")): no caption holds text: "
                + (columns.isEmpty ? "" : "\(columns.count == 1 ? "column" : "columns") \(ListText.joined(quoted(columns), none: "")) of ")
                + (rows == 1 ? "the only row" : "all \(rows) rows")
                + (words.isEmpty ? " is empty" : " says \(ListText.joined(quoted(words), by: " or ", none: "")) or nothing")
                + "; write the captions there, name the file or column that has them (--captions, --caption-column), or give all images "
                + "one caption with --caption TEXT; or leave captions out with --no-captions"
        case .badSeparator(let path, let found):
            return "\(path), line 1: \"\(found)\" is not a delimiter; expected one character, such as sep=; (or remove the line)"
        case .separatorNotUsed(let path, let delimiter, let used):
            return
                "\(path), line 1: it says sep=\(delimiter), but the next line holds no \"\(delimiter)\" and separates its fields with "
                + "\"\(used)\"; "
                + "write sep=\(used) there, or remove the line"
        case .sheetOfNoWorkbook(let path, let wanted):
            return
                "\(path): not a workbook, so it has no sheet \(ListText.joined(quoted(wanted), by: " or ", none: "at all")); leave "
                + "--sheet out"
        case .sheetNotFound(let path, let wanted, let sheets):
            return "\(path): no sheet \"\(wanted)\" (--sheet); the sheets are \(ListText.joined(sheets, none: "none"))"
        case .severalSheets(let path, let sheets, let splits):
            return "\(path): several sheets hold data: \(ListText.joined(sheets, none: "none has a name")); "
                + (splits.isEmpty
                    ? ""
                    : "read only the splits with --sheet \(splits.map { $0.contains(" ") ? "\"\($0)\"" : $0 }.joined(separator: " ")), or ")
                + "name the one with the captions with --sheet NAME, or give its number; sheets named Train, Val and Test, and no others, "
                + "are "
                + "read as splits"
        case .sheetIsNoSplit(let path, let sheet):
            return
                "\(path): several sheets were given, so each must have the name of a split, such as Train, Val or Test; "
                + "\"\(sheet)\" is not one"
        case .onlyHiddenSheets(let path, let hidden):
            return
                "\(path): all visible sheets of the workbook are empty; the hidden sheets are "
                + "\(ListText.joined(quoted(hidden), none: "none")): unhide one, or name it with --sheet"
        case .notUTF8(let path, let line):
            return
                "\(path), line \(line): not UTF-8 text (older spreadsheet programs write Windows-1252); save the file as \"CSV UTF-8\", or "
                + "convert it: "
                + "iconv -f WINDOWS-1252 -t UTF-8"
        case .openQuote(let path, let line):
            return "\(path), line \(line): a quote (\") opens here and is never closed"
        case .prompt(let error): return error.description
        case .noPrompts(let path, let prompt):
            return "\(path): --prompt \(prompt) has no effect here, because only MedVLSM's JSON has several prompts per image; leave it out"
        }
    }

    private func quoted(_ items: [String]) -> [String] { items.map { "\"\($0)\"" } }
}
