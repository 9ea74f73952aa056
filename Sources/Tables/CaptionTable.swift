// What every caption source is read into: one table a file (or a sheet that is a split), one row an image.

/// One caption, as its file has it.
public struct CaptionRow: Sendable, Equatable {
    /// The file name as written. In LViT sheets it is the mask's name, with or without the `mask_` prefix.
    public let imageName: String
    /// The text as written; empty where the row has none, or a word for a missing value.
    public let caption: String
    /// The word that stands in the caption's place where there is no value: "nan", "N/A", "-".
    public internal(set) var missingWord: String?
    /// Where in the row the caption stood: "Description", "p6", "p9[0]", "caption".
    public let source: String
    /// The file and the row, line or object, for messages.
    public let location: String
    /// "train", "val" or "test" where the file's name says so.
    public let split: String?
    /// The mask's file name where the source names it apart from the image.
    public let maskName: String?
    /// The patient or study, where the table has a column of them.
    public internal(set) var group: String?

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

    /// A row from a cell as it stands: a word for a missing value is no caption.
    init(cell: String, imageName: String, source: String, location: String, split: String?, maskName: String? = nil) {
        let (text, word) = MissingValue.caption(cell)
        self.init(imageName: rowName(imageName), caption: text, source: source, location: location, split: split, maskName: maskName)
        missingWord = word
    }
}

/// A name without blanks around it. Invisible characters stay, so that the one who looks for the image can say that they are there.
private func rowName(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
        let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
}

/// A row that holds something but cannot be used.
public struct RowProblem: Sendable, Equatable {
    /// The file and the row, line or object.
    public let location: String
    /// What was found and what was expected.
    public let reason: String
    /// What the row may be known by, the likeliest first.
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
    /// "train", "val" or "test" where the file's or the sheet's name says so; nil where it names none of them or several.
    public let split: String?
    /// The column that says each row's split, where there is one.
    public internal(set) var splitColumn: String?
    /// The column that says each row's patient or study, where there is one.
    public internal(set) var groupColumn: String?
    /// Whether the split is the sheet's name.
    public internal(set) var splitIsSheet = false
    /// How the columns were found, line by line; empty where they are fixed.
    public internal(set) var notes: [String] = []
    /// The column of a sheet from which on cells stand apart, beside the table.
    var beside: String?
    /// Which sheets of a workbook were read and which passed over; once a file.
    public internal(set) var sheetNote: String?
}
