// The sentences for TableError: what was found, what was expected, what to do.

extension TableError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): return error.description
        case .empty(let path): return "\(path): the file is empty; expected captions (xlsx, csv or json)"
        case .noRows(let path): return "\(path): no captions in it; expected one row or object for each image"
        case .nothingInFolder(let path):
            return "\(path): no caption files in this folder; expected .json, .xlsx or .csv files, "
                + "or a folder anns/ with train.json, val.json and test.json"
        case .wrongKind(let path, let found):
            return "\(path): \(found); expected a caption file: xlsx or csv with the columns Image and Description, or json"
        case .notJSON(let path, let line, let column, let found):
            return "\(path), line \(line), column \(column): not JSON: \(found)"
        case .notCaptions(let path, let found):
            return "\(path): \(found); expected a list of MedVLSM objects (img_name, mask_name, prompts), "
                + "a list of {\"image\": …, \"caption\": …}, or one object {\"image name\": \"caption\"}"
        case .damagedSheet(let path, let reason):
            return "\(path): \(reason); expected an .xlsx workbook (open it in a spreadsheet program and save it again)"
        case .tooMany(let path, let what, let limit):
            return "\(path): more than \(limit) \(what), the most that a caption file may hold; check that it is the right file, or split it"
        case .tooLarge(let path, let part, let bytes, let limit):
            return "\(path): its part \(part) unpacks to \(bytes) bytes, more than the \(limit) allowed for a caption sheet"
        case .columnsMissing(let path, let expected, let found):
            let names = found.isEmpty ? "none" : found.map { "\"\($0)\"" }.joined(separator: ", ")
            return "\(path): no column \(expected.map { "\"\($0)\"" }.joined(separator: " and no column ")) "
                + "in the header row; the columns found are \(names)"
        case .columnNotFound(let path, let option, let wanted, let found):
            return "\(path): no column \"\(wanted)\" (--\(option)); the columns are \(found.map { "\"\($0)\"" }.joined(separator: ", "))"
        case .noImageColumn(let path, let tried):
            return "\(path): no column names images that are there; tried \(tried.joined(separator: ", ")), with and without extension and mask affixes;"
                + " check --images, or name the column with --image-column"
        case .noCaptionColumn(let path, let tried):
            return "\(path): no column looks like captions (a usual name such as \"caption\", or two words and more in a cell); tried"
                + " \(tried.joined(separator: ", ")); name it with --caption-column"
        case .notUTF8(let path, let line):
            return "\(path), line \(line): not UTF-8 text; save the file as \"CSV UTF-8\""
        case .openQuote(let path, let line):
            return "\(path), line \(line): a quote (\") opens here and is never closed"
        case .prompt(let error): return error.description
        }
    }
}
