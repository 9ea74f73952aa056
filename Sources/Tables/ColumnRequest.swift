// What the caller of a reader says about the columns of a table whose columns are not fixed.

public struct ColumnRequest {
    /// The column of patients or studies.
    public enum Group: Sendable, Equatable {
        /// Do not look for it.
        case none
        /// Look for it by the usual names, in this order.
        case usual([String])
        /// A column's name, or its number from 1.
        case named(String)
    }

    /// Names or numbers (from 1) of columns; nil to let the reader guess.
    public var image: String?
    public var caption: String?
    public var split: String?
    /// Whether a note says that there is no column of splits.
    public var wantsSplits = true
    public var group = Group.none
    /// Whether a row without a group is a problem.
    public var groupsSplits = false
    /// Whether a cell names an existing image (or its mask).
    public var isImageName: (String) -> Bool

    public init(image: String? = nil, caption: String? = nil, split: String? = nil, isImageName: @escaping (String) -> Bool) {
        self.image = image
        self.caption = caption
        self.split = split
        self.isImageName = isImageName
    }

    /// Usual names of columns for the patient, and of columns for the study, in the form that `key` returns.
    public static let patientColumns = [
        "patient", "patientid", "patientname", "patientno", "patientnumber", "subject", "subjectid", "subjectname", "participant",
        "participantid", "person", "personid",
        "case", "caseid", "casenumber", "pid", "mrn",
    ]
    public static let studyColumns = [
        "study", "studyid", "studyuid", "studyinstanceuid", "exam", "examid", "examination", "examinationid", "video", "videoid",
        "sequence", "sequenceid", "series", "seriesid",
        "seriesinstanceuid", "volume", "volumeid",
    ]

    /// "Patient ID", "patient_id" and "PatientID" have the same key.
    static func key(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }
}

extension ColumnRequest {
    /// The image's name for a number that has lost its leading zeros: "000" for "0"; nil if there is none.
    func withZeros(_ cell: String) -> String? { LostZeros.restored(cell, isName: isImageName) }
}

public enum LostZeros {
    /// The image's name that needs the fewest zeros in front of the number.
    public static func restored(_ cell: String, isName: (String) -> Bool) -> String? {
        guard let first = cell.utf8.first, (48...57).contains(first), cell.utf8.count <= 12 else { return nil }
        return (1...8).lazy.map { String(repeating: "0", count: $0) + cell }.first(where: isName)
    }
}
