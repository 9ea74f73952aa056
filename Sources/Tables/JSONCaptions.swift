// Captions in JSON: a MedVLSM list, a list of {"image", "caption"} or of objects with other keys, the same objects one per line (JSON
// lines), or one object {image name: caption}. Not for MedVLSM's prompts (MedVLSMObject).
// Invariant: null, NaN and words for a missing value are missing captions. A key that occurs twice with two texts is a problem; the reader
// chooses neither.
import Files

enum JSONCaptions {
    static func read(
        _ bytes: [UInt8], path: String, prompt: String?, split: String?, columns: ColumnRequest? = nil
    ) throws(TableError) -> CaptionTable {
        let bytes = try TextEncoding.withoutMark(bytes, path: path)
        let file = File(path: path, split: split, areLines: areLines(bytes, path))
        let node: JSONNode
        do {
            node = file.areLines ? JSONNode(value: .array(try JSONText.parseLines(bytes)), line: 1) : try JSONText.parse(bytes)
        } catch {
            throw .notJSON(
                path: path, line: error.line, column: error.column,
                found: error.found + (file.areLines ? " (the file has one object a line)" : ""))
        }
        if let items = node.array {
            if items.isEmpty { throw .noRows(path: path) }
            guard let columns, !items.contains(where: { $0["prompts"] != nil }) else { return try list(items, file, prompt: prompt) }
            let sheet = Sheet(
                path: path, label: path, kind: file.areLines ? .lines : .list, rowWord: file.areLines ? "line" : "object", delimiter: nil,
                split: split,
                rows: sheetRows(items, numberedByLine: file.areLines))
            return try ColumnGuess.table(of: sheet, request: columns)
        }
        if let members = node.object { return try object(members, file) }
        throw .notCaptions(path: path, found: "the file holds \(node.kind)")
    }

    private struct File {
        let path: String
        let split: String?
        let areLines: Bool

        func location(_ index: Int, _ item: JSONNode) -> String {
            areLines ? "\(path), line \(item.line)" : "\(path), object \(index) (line \(item.line))"
        }
    }

    /// True by the name, or if two lines begin with an object each. A list is a list, whatever the name says.
    private static func areLines(_ bytes: [UInt8], _ path: String) -> Bool {
        var starts: [UInt8] = []
        for line in bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            guard let first = line.first(where: { $0 != 32 && $0 != 9 }) else { continue }
            starts.append(first)
            if starts.count == 2 { break }
        }
        guard starts.first == UInt8(ascii: "{") else { return false }
        let name = path.lowercased()
        return starts == [UInt8(ascii: "{"), UInt8(ascii: "{")] || name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson")
    }

    /// A list of objects as a sheet: a header of all keys in order of appearance, then one row per object.
    private static func sheetRows(_ items: [JSONNode], numberedByLine: Bool) -> [SheetRow] {
        var places: [String: Int] = [:]
        var rows: [SheetRow] = []
        for (number, item) in items.enumerated() {
            var row = SheetRow(number: numberedByLine ? item.line : number, cells: [:])
            if item.object == nil { row.problem = "expected an object, found \(item.kind)" }
            for (key, node) in item.object ?? [] {
                let place = places[key, default: places.count]
                places[key] = place
                // A repeated key: its text is kept only if it is the same text.
                if row.cells[place] != nil || row.flaws[place] != nil, node.string == nil || node.string != row.cells[place] {
                    row.flaws[place] = Self.twice(key)
                    continue
                }
                switch node.value {
                case .string(let text), .number(let text): row.cells[place] = text
                case .null, .missing: row.cells[place] = node.missingWord
                case .bool, .array, .object: row.flaws[place] = "\"\(key)\" is \(node.kind); expected a string"
                }
            }
            rows.append(row)
        }
        return [SheetRow(number: -1, cells: Dictionary(uniqueKeysWithValues: places.map { ($0.value, $0.key) }))] + rows
    }

    static func twice(_ key: String) -> String { "the object has the key \"\(key)\" more than once, with different values" }

    private static func list(_ items: [JSONNode], _ file: File, prompt: String?) throws(TableError) -> CaptionTable {
        let keys = Keys(
            image: imageKeys.first { key in items.contains { $0[key] != nil } },
            caption: captionKeys.first { key in items.contains { $0[key] != nil } })
        let isMedVLSM = items.contains { $0["prompts"] != nil || $0["img_name"] != nil && keys.caption == nil }
        if !isMedVLSM && keys.image == nil && keys.caption == nil {
            let found = items[0].object.map {
                "a list of objects with the keys " + ListText.joined($0.prefix(8).map(\.key), none: "of nothing")
            }
            throw .notCaptions(path: file.path, found: found ?? "a list whose first entry is \(items[0].kind)")
        }
        var rows: [CaptionRow] = []
        var problems: [RowProblem] = []
        for (index, item) in items.enumerated() {
            let location = file.location(index, item)
            do throws(UnusableObject) {
                rows.append(
                    isMedVLSM
                        ? try MedVLSMObject.row(item, location: location, prompt: prompt, split: file.split)
                        : try imageAndCaption(item, keys, location: location, split: file.split))
            } catch {
                let name = item[isMedVLSM ? "img_name" : keys.image ?? "image"]?.string
                problems.append(
                    RowProblem(location: location, reason: error.reason, names: [name].compactMap { $0 }.filter { !$0.isEmpty }))
            }
        }
        let kind = isMedVLSM ? CaptionTableKind.medVLSM : file.areLines ? .lines : .list
        return CaptionTable(path: file.path, kind: kind, rows: rows, problems: problems, split: file.split)
    }

    private static let imageKeys = ["image"] + SheetColumns.imageNames.filter { $0 != "image" }
    private static let captionKeys = ["caption", "text"] + SheetColumns.captionNames.filter { $0 != "caption" && $0 != "text" }

    private struct Keys { let image: String?, caption: String? }

    private static func imageAndCaption(
        _ item: JSONNode, _ keys: Keys, location: String, split: String?
    ) throws(UnusableObject) -> CaptionRow {
        let imageKey = keys.image ?? "image", captionKey = keys.caption ?? "caption"
        guard item.object != nil else { throw UnusableObject(reason: "expected an object, found \(item.kind)") }
        for key in [imageKey, captionKey, "mask"] where item.contradicts(itselfIn: key) { throw UnusableObject(reason: twice(key)) }
        guard let name = item[imageKey]?.string, !trimmed(name).isEmpty else { throw .missing(imageKey, in: item) }
        guard let caption = item[captionKey]?.string ?? item[captionKey]?.missingWord else { throw .missing(captionKey, in: item) }
        return CaptionRow(
            cell: caption, imageName: name, source: captionKey, location: location, split: split, maskName: item["mask"]?.string)
    }

    private static func object(_ members: [(key: String, value: JSONNode)], _ file: File) throws(TableError) -> CaptionTable {
        if members.isEmpty { throw .noRows(path: file.path) }
        guard members.contains(where: { $0.value.string != nil || $0.value.missingWord != nil }) else {
            throw .notCaptions(path: file.path, found: "an object whose first value, \"\(members[0].key)\", is \(members[0].value.kind)")
        }
        var rows: [CaptionRow] = []
        var problems: [RowProblem] = []
        for (name, value) in members {
            let location = "\(file.path), line \(value.line)"
            if let caption = value.string ?? value.missingWord, !trimmed(name).isEmpty {
                rows.append(CaptionRow(cell: caption, imageName: name, source: "caption", location: location, split: file.split))
            } else {
                let isNameless = trimmed(name).isEmpty
                let reason = isNameless ? "an empty image name" : "the caption of \"\(name)\" is \(value.kind); expected a string"
                problems.append(RowProblem(location: location, reason: reason, names: isNameless ? [] : [name]))
            }
        }
        return CaptionTable(path: file.path, kind: .nameToCaption, rows: rows, problems: problems, split: file.split)
    }
}

/// An object that gives no row, with the reason.
struct UnusableObject: Error {
    let reason: String

    static func missing(_ key: String, in item: JSONNode) -> UnusableObject {
        let found =
            item[key].map { node in node.string.map { trimmed($0).isEmpty } == true ? "it is empty" : "it is \(node.kind)" }
            ?? "the keys are " + ListText.joined((item.object ?? []).prefix(12).map(\.key), none: "none")
        return UnusableObject(reason: "expected a string \"\(key)\"; \(found)")
    }
}
