// Captions for a list of image files that is no dataset: names are read and matched as by `prep ingest --captions`.
// Invariant: every image has one caption, or a problem that names it.
import Tables
import Text

package struct ImageCaptions {
    /// By the image's place in the list.
    package private(set) var captions: [Int: String] = [:]
    /// What is wrong with an image's caption, by its place.
    package private(set) var problems: [Int: String] = [:]
    /// How the columns were found, and rows that name none of the images.
    package private(set) var notes: [String] = []

    /// - Parameters:
    ///   - path: a caption file, or a folder of them.
    ///   - images: paths, of which the names count.
    package init(_ path: String, images: [String]) throws(DatasetError) {
        let entries = images.map { Entry(id: FileName.stem(FileName.last($0)), image: $0, set: 0) }
        let lookup = CaptionMatching.Lookup(entries)
        let tables: [CaptionTable]
        var columns = ColumnRequest { !lookup.indices(for: $0).indices.isEmpty }
        columns.wantsSplits = false
        do {
            tables = try CaptionReader.read(path, columns: columns)
        } catch {
            if case .file(.notFound) = error { throw .captionsNotFound(path: path, hint: FolderHint.captionFiles(beside: path)) }
            throw .captions(error)
        }
        var rows: [Int: [CaptionRow]] = [:], others = 0
        for table in tables {
            notes += table.notes
            for problem in table.problems {
                let mine = problem.names.lazy.map { lookup.indices(for: $0).indices }.first { !$0.isEmpty } ?? []
                for index in mine where problems[index] == nil { problems[index] = "\(problem.location): \(problem.reason)" }
            }
            for row in table.rows {
                let mine = lookup.indices(for: row.imageName).indices
                if mine.isEmpty { others += 1 }
                for index in mine { rows[index, default: []].append(row) }
            }
        }
        if others > 0 { notes.append("\(path): \(others) row\(others == 1 ? " names" : "s name") none of the images") }
        for index in images.indices where problems[index] == nil {
            switch Self.caption(rows[index] ?? [], path) {
            case .success(let text): captions[index] = text
            case .failure(let fault): problems[index] = fault.text
            }
        }
    }

    private struct Fault: Error { let text: String }

    private static func caption(_ rows: [CaptionRow], _ path: String) -> Result<String, Fault> {
        guard let first = rows.first else { return .failure(Fault(text: "no row of \(path) names it")) }
        let texts = Set(rows.map { CaptionText.normalised($0.caption) })
        if texts.count > 1 { return .failure(Fault(text: "it has several captions: \(Listing.some(rows.map(\.location)))")) }
        if texts.first?.isEmpty != false { return .failure(Fault(text: "\(first.location): its caption is empty")) }
        return .success(first.caption)
    }
}
