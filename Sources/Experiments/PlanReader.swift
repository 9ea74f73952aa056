// Reads a plan's file strictly: every key, option and value is known and of the right kind, or the error names file and line.
// Not for what options mean; the last check asks train through `PlanRules`.
import Files

public struct PlanReader {
    private let path: String
    private let rules: PlanRules

    /// Reads and checks a plan.
    public static func read(_ path: String, rules: PlanRules) throws(PlanError) -> ExperimentPlan {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try FileIO.read(path, limit: 1 << 20) } catch { throw .file(error) }
        return try parse(bytes, path: path, rules: rules)
    }

    /// The same for bytes that are said to be of a file.
    public static func parse(_ bytes: [UInt8], path: String, rules: PlanRules) throws(PlanError) -> ExperimentPlan {
        let node: JSONNode
        do throws(JSONText.Failure) { node = try JSONText.parse(bytes, valueLimit: 100_000) } catch {
            throw .notJSON(path: path, line: error.line, column: error.column, found: error.found)
        }
        return try PlanReader(path: path, rules: rules).plan(node)
    }

    private static let keys = ["name", "title", "varies", "shards", "options", "settings", "seeds"]
    private static let settingKeys = ["name", "title", "options"]
    private static let nameRule = "letters, digits, - and _, at most 60, beginning with a letter or digit"

    private func plan(_ node: JSONNode) throws(PlanError) -> ExperimentPlan {
        let object = try object(node, key: "the plan", Self.keys, place: "the plan")
        let name = try self.name(object, node, place: "the plan", example: "losses")
        let title = try text(object, "title", node, place: "the plan", expected: "a sentence that says what is compared")
        let (varies, variesLine) = try self.varies(object, node)
        let shards = try text(object, "shards", node, place: "the plan", expected: "a shard folder, such as \"shards/kvasir\"")
        let common = try object["options"].map { node throws(PlanError) in try options(node) } ?? TrainOptions()
        if let entry = common.entries.first(where: { varies.contains($0.title) }) {
            throw .variedInCommon(path: path, line: object["options"]?.line ?? node.line, option: entry.title)
        }
        guard let list = object["settings"] else {
            throw .missingKey(path: path, line: node.line, place: "the plan", key: "settings", expected: Self.settingsExpected)
        }
        guard let items = list.array, !items.isEmpty else { throw wrong("settings", list, Self.settingsExpected) }
        var settings: [ExperimentPlan.Setting] = []
        for item in items {
            let setting = try self.setting(item, varies)
            settings.append(setting)
            if let reason = rules.refusal(common.replaced(by: setting.options).words) {
                throw .refused(path: path, line: item.line, setting: setting.name, reason: reason)
            }
        }
        for option in varies where !settings.contains(where: { $0.options.entries.contains { $0.title == option } }) {
            throw .variesNothing(path: path, line: variesLine, option: option)
        }
        let seeds = try object["seeds"].map { node throws(PlanError) in try self.seeds(node) } ?? [0]
        var taken: Set<String> = []
        for (setting, item) in zip(settings, items) {
            for seed in seeds {
                let name = PlannedRun.name(setting.name, seed: seed)
                guard taken.insert(name.lowercased()).inserted else { throw .sameName(path: path, line: item.line, name: name) }
            }
        }
        return ExperimentPlan(
            path: path, name: name, title: title, varies: varies, shards: shards, options: common, settings: settings, seeds: seeds)
    }

    private static let settingsExpected = "a list of objects with name, title and options"

    private func setting(_ node: JSONNode, _ varies: [String]) throws(PlanError) -> ExperimentPlan.Setting {
        let object = try object(node, key: "settings", Self.settingKeys, place: "a setting")
        let name = try self.name(object, node, place: "a setting", example: "dice"), place = "setting \(name)"
        let title = try text(object, "title", node, place: place, expected: "what a table calls it")
        guard let given = object["options"] else {
            throw .missingKey(
                path: path, line: node.line, place: place, key: "options", expected: "an object of train's options, {} for none")
        }
        let options = try self.options(given)
        if let entry = options.entries.first(where: { !varies.contains($0.title) }) {
            throw .notVaried(path: path, line: given.line, setting: name, option: entry.title, varies: varies)
        }
        return ExperimentPlan.Setting(name: name, title: title, options: options)
    }

    // MARK: Values

    private func varies(_ object: JSONNode, _ plan: JSONNode) throws(PlanError) -> ([String], line: Int) {
        let expected = "a list of the options in which settings differ, such as [\"loss\"]"
        guard let node = object["varies"] else {
            throw .missingKey(path: path, line: plan.line, place: "the plan", key: "varies", expected: expected)
        }
        guard let items = node.array, !items.isEmpty else { throw wrong("varies", node, expected) }
        var names: [String] = []
        for item in items {
            guard let name = item.string, !name.isEmpty, !names.contains(name) else {
                throw wrong("varies", item, expected + ", each once")
            }
            names.append(name)
        }
        return (names, node.line)
    }

    private func seeds(_ node: JSONNode) throws(PlanError) -> [UInt64] {
        let expected = "a list of whole numbers, each once, such as [0, 1, 2]"
        guard let items = node.array, !items.isEmpty else { throw wrong("seeds", node, expected) }
        var seeds: [UInt64] = []
        for item in items {
            guard case .number(let text) = item.value, let seed = UInt64(text), !seeds.contains(seed) else {
                throw wrong("seeds", item, expected)
            }
            seeds.append(seed)
        }
        return seeds
    }

    private func options(_ node: JSONNode) throws(PlanError) -> TrainOptions {
        guard let members = node.object else { throw wrong("options", node, "an object of train's options, such as {\"loss\": \"dice\"}") }
        try checkRepeats(members)
        var result = TrainOptions()
        for (option, value) in members {
            if let cure = Self.reserved[option] { throw .reservedOption(path: path, line: value.line, option: option, cure: cure) }
            guard let kind = rules.options[option] else {
                let known = rules.options.keys.sorted()
                throw .unknownOption(
                    path: path, line: value.line, option: option, known: known, nearest: Spelling.nearest(to: option, among: known))
            }
            switch kind {
            case .flag:
                guard case .bool(true) = value.value else { throw wrong(option, value, "true, or leave the option out") }
                result.set(TrainOptions.Entry(option))
            case .value:
                guard let text = scalar(value) else { throw wrong(option, value, "a string or a number") }
                result.set(TrainOptions.Entry(option, value: text))
            case .pairs:
                guard let pairs = value.object else { throw wrong(option, value, "an object, such as {\"mixer\": \"linear\"}") }
                try checkRepeats(pairs)
                for (key, value) in pairs {
                    guard let text = scalar(value) else { throw wrong(key, value, "a string or a number") }
                    result.set(TrainOptions.Entry(option, key: key, value: text))
                }
            }
        }
        return result
    }

    /// Options of train that a plan may not give, and what to do.
    private static let reserved = [
        "shards": "give the plan's \"shards\"", "seed": "give the plan's \"seeds\"",
        "run": "the folder follows from the names of plan and setting", "resume": "train plan goes on with what was stopped",
    ]

    private func scalar(_ node: JSONNode) -> String? {
        if case .number(let text) = node.value { return text }
        return node.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func name(_ object: JSONNode, _ node: JSONNode, place: String, example: String) throws(PlanError) -> String {
        let name = try text(object, "name", node, place: place, expected: "a name for a folder, such as \"\(example)\"")
        func isPlain(_ character: Character) -> Bool { character.isASCII && (character.isLetter || character.isNumber) }
        guard let first = name.first, isPlain(first), name.count <= 60, name.allSatisfy({ isPlain($0) || $0 == "-" || $0 == "_" }) else {
            throw wrong("name", object["name"] ?? node, Self.nameRule)
        }
        return name
    }

    private func text(
        _ object: JSONNode, _ key: String, _ node: JSONNode, place: String, expected: String
    ) throws(PlanError) -> String {
        guard let value = object[key] else { throw .missingKey(path: path, line: node.line, place: place, key: key, expected: expected) }
        guard let text = value.string, !text.isEmpty else { throw wrong(key, value, expected) }
        return text
    }

    // MARK: Objects

    private func object(_ node: JSONNode, key: String, _ keys: [String], place: String) throws(PlanError) -> JSONNode {
        guard let members = node.object else { throw wrong(key, node, "an object with \(keys.joined(separator: ", "))") }
        try checkRepeats(members)
        for (key, value) in members where !keys.contains(key) {
            throw .unknownKey(
                path: path, line: value.line, place: place, key: key, expected: keys, nearest: Spelling.nearest(to: key, among: keys))
        }
        return node
    }

    private func checkRepeats(_ members: [(key: String, value: JSONNode)]) throws(PlanError) {
        var known: Set<String> = []
        for (key, value) in members where !known.insert(key).inserted { throw .repeatedKey(path: path, line: value.line, key: key) }
    }

    private func wrong(_ key: String, _ node: JSONNode, _ expected: String) -> PlanError {
        let found =
            switch node.value {
            case .string(let text): "\"\(text)\""
            case .number(let text): text
            case .bool(let value): "\(value)"
            case .array(let items) where items.isEmpty: "an empty list"
            default: node.kind
            }
        return .wrongValue(path: path, line: node.line, key: key, found: found, expected: expected)
    }
}
