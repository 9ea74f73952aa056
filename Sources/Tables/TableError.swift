// Errors that make a whole caption file unusable. Single bad rows are `RowProblem`s of the table instead.
// The texts are in TableError+Description.swift.
import Files
import Text

public enum TableError: UserFacingError {
    case file(FileError)
    /// An empty file, or one of blanks only.
    case empty(path: String)
    /// A file that has columns or brackets, but no rows.
    case noRows(path: String)
    /// A folder in which no caption file was found.
    case nothingInFolder(path: String)
    /// A kind of content that holds no captions.
    case wrongKind(path: String, found: String)
    /// A syntax error in JSON, with its place.
    case notJSON(path: String, line: Int, column: Int, found: String)
    /// Valid JSON of another shape.
    case notCaptions(path: String, found: String)
    /// A zip container that cannot be read, or that contains no workbook.
    case damagedSheet(path: String, reason: String)
    /// A part of the sheet unpacks to more bytes than the limit for a caption sheet.
    case tooLarge(path: String, part: String, bytes: UInt64, limit: UInt64)
    /// More rows, cells, text or values than the limit for a caption file.
    case tooMany(path: String, what: String, limit: Int)
    /// The header row has no column for the image or for the caption.
    case columnsMissing(path: String, expected: [String], found: [String])
    /// The column that the user named does not exist.
    case columnNotFound(path: String, option: String, wanted: String, found: [String])
    /// Two columns have the name of a column that should be read; `option` chooses one by its number.
    case columnTwice(path: String, name: String, places: [Int], option: String?)
    /// No column of an unknown table names existing images; `hint` says what may have happened to the names.
    case noImageColumn(path: String, tried: [String], hint: String?)
    /// No column of an unknown table holds sentences.
    case noCaptionColumn(path: String, tried: [String])
    /// Several columns of a table without a header hold sentences.
    case severalCaptionColumns(path: String, found: [String])
    /// No row has a caption. `words` are the words for missing values in their place.
    case noCaptionText(paths: [String], columns: [String], rows: Int, words: [String])
    /// A first line "sep=" that states no delimiter.
    case badSeparator(path: String, found: String)
    /// A first line "sep=;" above rows that use another delimiter.
    case separatorNotUsed(path: String, delimiter: String, used: String)
    /// `--sheet` was given for a file that has no sheets.
    case sheetOfNoWorkbook(path: String, wanted: [String])
    case sheetNotFound(path: String, wanted: String, sheets: [String])
    /// Several sheets may be meant; each with its number of rows and its first cells. `splits` are the names of those that are splits.
    case severalSheets(path: String, sheets: [String], splits: [String])
    /// Several sheets are named, and the name of this one is not a split.
    case sheetIsNoSplit(path: String, sheet: String)
    /// All visible sheets are empty.
    case onlyHiddenSheets(path: String, hidden: [String])
    /// Bytes that are not UTF-8.
    case notUTF8(path: String, line: Int)
    /// A quote that is opened but never closed.
    case openQuote(path: String, line: Int)
    /// The requested prompt is not a prompt's name.
    case prompt(TextError)
    /// A prompt is requested, but no file has prompts.
    case noPrompts(path: String, prompt: String)

    public var kind: FailureKind {
        if case .file(let error) = self { error.kind } else { .usage }
    }
}
