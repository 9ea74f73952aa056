// The patient and the study that a sample's name contains. For leakage between splits and for splits by patient.
// Rules on names only. A name that follows none of them has an unknown patient, which is never counted as another patient.

/// What samples of one person or one examination have in common.
public enum SubjectKind: String, Codable, Sendable, CaseIterable {
    case patient, study

    /// The patient's or the study's name in a sample's id; nil if it contains none. A name that contains the patient but no study has the
    /// patient for both.
    ///
    /// - BIDS: `sub-S09340_ses-E17441_run-1...` is patient `sub-S09340`, study `sub-S09340_ses-E17441` (QaTa-COV19).
    /// - TCGA barcodes: `TCGA-2Z-A9J9-01A-01-TS1` is patient `TCGA-2Z-A9J9` (MoNuSeg).
    /// - A word `patient`, `pat`, `subject`, `case` or `study` with a number: everything up to that number, as `Morozov_study_0255` of
    ///   `Morozov_study_0255_10` and `Jun_coronacases_case8` of `Jun_coronacases_case8_112` (MosMed++).
    public func name(in id: String) -> String? {
        let parts = id.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        if let subject = parts.first(where: { $0.hasPrefix("sub-") && $0.count > 4 }) {
            guard self == .study, let session = parts.first(where: { $0.hasPrefix("ses-") && $0.count > 4 }) else { return subject }
            return subject + "_" + session
        }
        let fields = id.split(separator: "-", omittingEmptySubsequences: false)
        if fields.count >= 3, fields[0].uppercased() == "TCGA", !fields[1].isEmpty, !fields[2].isEmpty {
            return fields[0...2].joined(separator: "-")
        }
        return Self.numbered(id)
    }

    private static let words = ["patient", "subject", "study", "case", "pat"]

    /// The name up to the number that follows one of the words, with at most one separator between; the first such place counts.
    private static func numbered(_ id: String) -> String? {
        let letters = Array(id)
        for start in letters.indices {
            // "case" in "showcase3" is not a word of its own.
            if start > 0, letters[start - 1].isLetter { continue }
            for word in words where start + word.count <= letters.count && String(letters[start..<start + word.count]).lowercased() == word
            {
                var place = start + word.count
                if place < letters.count, "_- ".contains(letters[place]) { place += 1 }
                var end = place
                while end < letters.count, letters[end].isNumber { end += 1 }
                if end > place, end == letters.count || !letters[end].isLetter { return String(letters[..<end]) }
            }
        }
        return nil
    }

    /// The group of a sample for splits that keep subjects whole: the subject, or, if the name contains none, all names that differ only in
    /// a number at their end, because they may be slices of one volume.
    package func group(of id: String) -> String {
        if let name = name(in: id) { return name }
        var stem = id[...]
        while let last = stem.last, last.isNumber { stem.removeLast() }
        return stem.isEmpty ? "numbers" : String(stem)
    }
}
