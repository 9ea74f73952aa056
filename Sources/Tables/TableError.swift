// What makes a whole caption file unusable. Single bad rows are `RowProblem`s of the table instead.
// The sentences a user reads are in TableError+Description.swift.
import Files
import Text

public enum TableError: UserFacingError {
    case file(FileError)
    /// A file without a single byte but blanks.
    case empty(path: String)
    /// A file that holds the columns or brackets, and no row.
    case noRows(path: String)
    /// A folder in which no caption file was found.
    case nothingInFolder(path: String)
    /// The content is of a kind that holds no captions.
    case wrongKind(path: String, found: String)
    /// JSON that breaks the grammar at a place.
    case notJSON(path: String, line: Int, column: Int, found: String)
    /// Well-formed JSON of another shape.
    case notCaptions(path: String, found: String)
    /// A zip container that cannot be read, or holds no workbook.
    case damagedSheet(path: String, reason: String)
    /// A part of the sheet unpacks to more than any caption sheet holds.
    case tooLarge(path: String, part: String, bytes: UInt64, limit: UInt64)
    /// More rows, cells, text or values than any caption file holds.
    case tooMany(path: String, what: String, limit: Int)
    /// The header row has no column for the image or none for the caption.
    case columnsMissing(path: String, expected: [String], found: [String])
    /// A column that the user named is not there.
    case columnNotFound(path: String, option: String, wanted: String, found: [String])
    /// Two columns have the name of one that is to be read; `option` chooses one by its number.
    case columnTwice(path: String, name: String, places: [Int], option: String?)
    /// No column of an unknown table names images that are there; `hint` says what may have become of the names.
    case noImageColumn(path: String, tried: [String], hint: String?)
    /// No column of an unknown table holds sentences.
    case noCaptionColumn(path: String, tried: [String])
    /// Several columns of a table without a header hold sentences.
    case severalCaptionColumns(path: String, found: [String])
    /// Not one row has a caption. `words` are those for missing values that stand in their place.
    case noCaptionText(paths: [String], columns: [String], rows: Int, words: [String])
    /// A first line "sep=" that names no delimiter.
    case badSeparator(path: String, found: String)
    /// A first line "sep=;" over rows that hold no such delimiter but another one.
    case separatorNotUsed(path: String, delimiter: String, used: String)
    /// `--sheet` for a file that has no sheets.
    case sheetOfNoWorkbook(path: String, wanted: [String])
    case sheetNotFound(path: String, wanted: String, sheets: [String])
    /// Several sheets could be meant; each with its rows and first cells. `splits` are the names of those that are splits.
    case severalSheets(path: String, sheets: [String], splits: [String])
    /// Several sheets are asked for, and this one's name is no split's.
    case sheetIsNoSplit(path: String, sheet: String)
    /// All that can be seen is empty.
    case onlyHiddenSheets(path: String, hidden: [String])
    /// Bytes that are no UTF-8.
    case notUTF8(path: String, line: Int)
    /// A quote opened and never closed.
    case openQuote(path: String, line: Int)
    /// The prompt asked for is no prompt's name.
    case prompt(TextError)
    /// A prompt is asked for, and no file has prompts to choose among.
    case noPrompts(path: String, prompt: String)

    public var kind: FailureKind {
        if case .file(let error) = self { error.kind } else { .usage }
    }
}
