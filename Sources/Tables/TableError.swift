// What makes a whole caption file unusable. Single bad rows are `RowProblem`s of the table instead.
// The sentences a user reads are in TableError+Description.swift.
import Files
import Text

public enum TableError: Error, Sendable {
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
    /// No column of an unknown table names images that are there.
    case noImageColumn(path: String, tried: [String])
    /// No column of an unknown table holds sentences.
    case noCaptionColumn(path: String, tried: [String])
    /// Bytes that are no UTF-8.
    case notUTF8(path: String, line: Int)
    /// A quote opened and never closed.
    case openQuote(path: String, line: Int)
    /// The prompt asked for is no prompt's name.
    case prompt(TextError)
}
