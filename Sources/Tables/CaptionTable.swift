// What every caption source is read into: one table a file, one row an image.

/// One caption, as its file has it.
public struct CaptionRow: Sendable, Equatable {
    /// The file name as written. In LViT sheets it is the mask's name, with or without the `mask_` prefix.
    public let imageName: String
    /// The text as written; empty where the row has none.
    public let caption: String
    /// Where in the row the caption stood: "Description", "p6", "p9[0]", "caption".
    public let source: String
    /// The file and the row, line or object, for messages.
    public let location: String
    /// "train", "val" or "test" where the file's name says so.
    public let split: String?
    /// The mask's file name where the source names it apart from the image.
    public let maskName: String?

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
}

/// A row that holds something but cannot be used.
public struct RowProblem: Sendable, Equatable {
    /// The file and the row, line or object.
    public let location: String
    /// What was found and what was expected.
    public let reason: String
}

/// The kinds of caption file.
public enum CaptionTableKind: String, Sendable {
    case medVLSM = "MedVLSM JSON"
    case nameToCaption = "JSON object of captions by image name"
    case list = "JSON list of images and captions"
    case spreadsheet = "xlsx sheet"
    case csv = "CSV"
}

/// All the captions of one file, in its order.
public struct CaptionTable: Sendable {
    public let path: String
    public let kind: CaptionTableKind
    public let rows: [CaptionRow]
    /// Rows that cannot be used, all of them.
    public let problems: [RowProblem]
    /// "train", "val" or "test" where the file's name says so; nil where it names none of them or several.
    public let split: String?
    /// The column that says each row's split, where there is one.
    public internal(set) var splitColumn: String?
    /// How the columns were found, line by line; empty where they are fixed.
    public internal(set) var notes: [String] = []
}
