// The result of reading any caption source: one table per file (or per sheet that is a split), one row per image.
import Imaging

/// One caption as its file states it.
public struct CaptionRow: Sendable, Equatable {
    /// The file name as written. In LViT sheets it is the mask's name, with or without the prefix `mask_`.
    public let imageName: String
    /// The text as written; empty if the row has no caption or a word for a missing value.
    public let caption: String
    /// The word for a missing value in place of the caption: "nan", "N/A", "-".
    public internal(set) var missingWord: String?
    /// The column or key that held the caption: "Description", "p6", "p9[0]", "caption".
    public let source: String
    /// The file and the row, line or object, for messages.
    public let location: String
    /// "train", "val" or "test" if the file's name says so.
    public let split: String?
    /// The mask's file name if the source names it separately from the image.
    public let maskName: String?
    /// The patient or study, if the table has such a column.
    public internal(set) var group: String?
    /// Further captions of the image in the same source: the other prompts of MedVLSM. None is empty or equal to another.
    public internal(set) var others: [String] = []
    /// The image's spacing, if the table has columns of it.
    public internal(set) var spacing: PixelSpacing?

    public init(
        imageName: String, caption: String, source: String, location: String, split: String? = nil, maskName: String? = nil
    ) {
        self.imageName = imageName
        self.caption = caption
        self.source = source
        self.location = location
        self.split = split
        self.maskName = maskName
    }

    /// Makes a row from a cell as written: a word for a missing value is not a caption.
    init(cell: String, imageName: String, source: String, location: String, split: String?, maskName: String? = nil) {
        let (text, word) = MissingValue.caption(cell)
        self.init(imageName: rowName(imageName), caption: text, source: source, location: location, split: split, maskName: maskName)
        missingWord = word
    }
}

/// A name without surrounding blanks. Invisible characters stay, so that the search for the image can report them.
private func rowName(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
        let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
}

/// A row that has content but cannot be used.
public struct RowProblem: Sendable, Equatable {
    /// The file and the row, line or object.
    public let location: String
    /// What was found and what was expected.
    public let reason: String
    /// Names that may identify the row, the likeliest first.
    public var names: [String] = []
}

/// The kinds of caption file.
public enum CaptionTableKind: String, Sendable {
    case medVLSM = "MedVLSM JSON"
    case nameToCaption = "JSON object of captions by image name"
    case list = "JSON list of images and captions"
    case lines = "JSON lines"
    case spreadsheet = "xlsx sheet"
    case csv = "CSV"
}

/// All the captions of one file, or of one sheet of a workbook, in its order.
public struct CaptionTable: Sendable {
    public let path: String
    public let kind: CaptionTableKind
    public let rows: [CaptionRow]
    /// Rows that cannot be used, all of them.
    public let problems: [RowProblem]
    /// "train", "val" or "test" if the file's or the sheet's name says so; nil if it names no split or several.
    public let split: String?
    /// The column that states the split of each row, if there is one.
    public internal(set) var splitColumn: String?
    /// The column that states the patient or study of each row, if there is one.
    public internal(set) var groupColumn: String?
    /// Whether the split is the sheet's name.
    public internal(set) var splitIsSheet = false
    /// How the columns were found, one line each; empty if they are fixed.
    public internal(set) var notes: [String] = []
    /// The first column of cells that lie beside the table, separated from it.
    var beside: String?
    /// Which sheets of a workbook were read and which were skipped; set once per file.
    public internal(set) var sheetNote: String?
}
