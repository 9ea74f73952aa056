// Captions in JSON: a MedVLSM list, a list of {"image", "caption"}, or one object {image name: caption}.
import Text

enum JSONCaptions {
    static func read(
        _ bytes: [UInt8], path: String, prompt: String?, split: String?, columns: ColumnRequest? = nil
    ) throws(TableError) -> CaptionTable {
        let node: JSONNode
        do { node = try JSONText.parse(bytes) } catch {
            throw .notJSON(path: path, line: error.line, column: error.column, found: error.found)
        }
        if let items = node.array, let columns, !items.contains(where: { $0["prompts"] != nil }) {
            return try ColumnGuess.table(
                of: sheetRows(items), path: path, kind: .list, rowWord: "object", split: split, request: columns)
        }
        if let items = node.array { return try list(items, path: path, prompt: prompt, split: split) }
        if let members = node.object { return try object(members, path: path, split: split) }
        throw .notCaptions(path: path, found: "the file holds \(node.kind)")
    }

    /// A list of objects as a sheet: a header of all keys in order of appearance, then a row an object.
    private static func sheetRows(_ items: [JSONNode]) -> [SheetRow] {
        var places: [String: Int] = [:]
        var rows: [SheetRow] = []
        for (number, item) in items.enumerated() {
            var row = SheetRow(number: number, cells: [:])
            for (key, node) in item.object ?? [] {
                let place = places[key, default: places.count]
                places[key] = place
                switch node.value {
                case .string(let text), .number(let text): row.cells[place] = text
                default: break
                }
            }
            rows.append(row)
        }
        return [SheetRow(number: -1, cells: Dictionary(uniqueKeysWithValues: places.map { ($0.value, $0.key) }))] + rows
    }

    private static func list(_ items: [JSONNode], path: String, prompt: String?, split: String?) throws(TableError) -> CaptionTable {
        if items.isEmpty { throw .noRows(path: path) }
        let isMedVLSM = items.contains { $0["prompts"] != nil || $0["img_name"] != nil }
        if !isMedVLSM && !items.contains(where: { $0["image"] != nil || $0["caption"] != nil }) {
            let found = items[0].object.map { "a list of objects with the keys " + $0.prefix(8).map(\.key).joined(separator: ", ") }
            throw .notCaptions(path: path, found: found ?? "a list whose first entry is \(items[0].kind)")
        }
        var rows: [CaptionRow] = []
        var problems: [RowProblem] = []
        for (index, item) in items.enumerated() {
            let location = "\(path), object \(index) (line \(item.line))"
            let result = isMedVLSM
                ? medVLSM(item, location: location, prompt: prompt, split: split)
                : imageAndCaption(item, location: location, split: split)
            switch result {
            case .success(let row): rows.append(row)
            case .failure(let problem): problems.append(RowProblem(location: location, reason: problem.reason))
            }
        }
        return CaptionTable(path: path, kind: isMedVLSM ? .medVLSM : .list, rows: rows, problems: problems, split: split)
    }

    private struct Unusable: Error { let reason: String }

    private static func medVLSM(
        _ item: JSONNode, location: String, prompt: String?, split: String?
    ) -> Result<CaptionRow, Unusable> {
        guard item.object != nil else { return .failure(Unusable(reason: "expected an object, found \(item.kind)")) }
        guard let name = item["img_name"]?.string, !name.isEmpty else { return .failure(missing("img_name", in: item)) }
        var maskName: String?
        if let mask = item["mask_name"] {
            guard let text = mask.string, !text.isEmpty else { return .failure(missing("mask_name", in: item)) }
            maskName = text
        }
        guard let members = item["prompts"]?.object else {
            let found = item["prompts"].map { "it is \($0.kind)" } ?? "it is not there"
            return .failure(Unusable(reason: "\(name): expected an object \"prompts\" with p0 to p9; \(found)"))
        }
        var prompts: [String: PromptValue] = [:]
        for (key, value) in members {
            if let text = value.string {
                prompts[key] = .text(text)
            } else if let items = value.array {
                let texts = items.compactMap(\.string)
                guard texts.count == items.count else {
                    return .failure(Unusable(reason: "\(name): prompt \(key) is a list that holds more than strings"))
                }
                prompts[key] = .list(texts)
            } else {
                return .failure(Unusable(reason: "\(name): prompt \(key) is \(value.kind); expected a string or a list of strings"))
            }
        }
        do {
            let (caption, source) = try CaptionRule.choose(prompts: prompts, preferred: prompt)
            return .success(CaptionRow(
                imageName: name, caption: caption, source: source, location: location, split: split, maskName: maskName))
        } catch {
            return .failure(Unusable(reason: "\(name): \(error)"))
        }
    }

    private static func imageAndCaption(_ item: JSONNode, location: String, split: String?) -> Result<CaptionRow, Unusable> {
        guard item.object != nil else { return .failure(Unusable(reason: "expected an object, found \(item.kind)")) }
        guard let name = item["image"]?.string, !name.isEmpty else { return .failure(missing("image", in: item)) }
        guard let caption = item["caption"]?.string else { return .failure(missing("caption", in: item)) }
        return .success(CaptionRow(
            imageName: name, caption: caption, source: "caption", location: location, split: split, maskName: item["mask"]?.string))
    }

    private static func missing(_ key: String, in item: JSONNode) -> Unusable {
        let found = item[key].map { node in node.string == "" ? "it is empty" : "it is \(node.kind)" }
            ?? "the keys are " + (item.object ?? []).prefix(12).map(\.key).joined(separator: ", ")
        return Unusable(reason: "expected a string \"\(key)\"; \(found)")
    }

    private static func object(
        _ members: [(key: String, value: JSONNode)], path: String, split: String?
    ) throws(TableError) -> CaptionTable {
        if members.isEmpty { throw .noRows(path: path) }
        guard members.contains(where: { $0.value.string != nil }) else {
            throw .notCaptions(path: path, found: "an object whose first value, \"\(members[0].key)\", is \(members[0].value.kind)")
        }
        var rows: [CaptionRow] = []
        var problems: [RowProblem] = []
        for (name, value) in members {
            let location = "\(path), line \(value.line)"
            if let caption = value.string, !name.isEmpty {
                rows.append(CaptionRow(imageName: name, caption: caption, source: "caption", location: location, split: split))
            } else {
                let reason = name.isEmpty ? "an empty image name" : "the caption of \"\(name)\" is \(value.kind); expected a string"
                problems.append(RowProblem(location: location, reason: reason))
            }
        }
        return CaptionTable(path: path, kind: .nameToCaption, rows: rows, problems: problems, split: split)
    }
}
