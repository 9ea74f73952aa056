// Finds the tensors in a PyTorch file: in the state dictionary itself, or under a usual key. Removes Lightning's prefix `model.`.

struct StateDictionary {
    private(set) var tensors: [(name: String, tensor: PickleTensor)] = []
    /// What the user should know: where the tensors were, which prefix was removed, which entries are not tensors.
    private(set) var notes: [String] = []

    /// The keys under which checkpoints store their state dictionary; the first key that holds a tensor is used.
    private static let keys = [
        "state_dict", "model", "model_state_dict", "module", "net", "network", "model_ema", "ema", "ema_state_dict", "state_dict_ema",
        "params_ema",
        "params", "weights", "encoder", "backbone", "teacher", "student",
    ]
    private static let prefix = "model."

    private typealias Entries = [(key: PickleValue, value: PickleValue)]

    init(_ root: PickleValue, in arena: PickleArena, path: String, takesOffPrefix: Bool = true) throws(WeightFileError) {
        guard let top = arena.dictionary(root) else {
            throw .notAStateDictionary(path: path, found: "the file holds \(arena.kind(root))")
        }
        func holdsTensors(_ entries: Entries) -> Bool { entries.contains { arena.tensor($0.value) != nil } }
        var state: Entries?
        var passedOver: [String] = []
        for key in Self.keys {
            guard let value = top.last(where: { arena.text($0.key) == key })?.value,
                let entries = arena.dictionary(value), holdsTensors(entries)
            else { continue }
            if state == nil {
                state = entries
                notes.append("the tensors are under `\(key)`")
            } else {
                passedOver.append("`\(key)`")
            }
        }
        if !passedOver.isEmpty { notes.append("tensors under \(passedOver.joined(separator: ", ")) are not used") }
        if state == nil {
            let others = holdsTensors(top) ? [] : Self.unusual(top, arena)
            if others.count > 1 {
                let names = others.map { "`\($0.key)`" }.joined(separator: ", ")
                throw .notAStateDictionary(
                    path: path, found: "the file holds several dictionaries of tensors, \(names), and none under a usual name")
            }
            state = holdsTensors(top) ? top : others.first?.entries
            if let key = others.first?.key { notes.append("the tensors are under `\(key)`") }
        }
        guard let state else { throw .notAStateDictionary(path: path, found: Self.summary(top, arena)) }
        try collect(state, arena, path)
        if takesOffPrefix { takeOffPrefix() }
    }

    private mutating func collect(_ entries: Entries, _ arena: PickleArena, _ path: String) throws(WeightFileError) {
        var places: [String: Int] = [:]
        for (key, value) in entries {
            guard let name = arena.text(key) else {
                throw .notAStateDictionary(path: path, found: "among its names is \(arena.kind(key))")
            }
            if let tensor = arena.tensor(value) {
                // As in Python, a repeated name has its last value.
                if let place = places.updateValue(places[name] ?? tensors.count, forKey: name) {
                    places[name] = place
                    tensors[place].tensor = tensor
                } else {
                    tensors.append((name, tensor))
                }
            } else if case .opaque(let className)? = arena.node(value) {
                throw .foreignObject(path: path, name: name, className: className)
            } else {
                notes.append("entry `\(name)` is \(arena.kind(value)), not a tensor: skipped")
            }
        }
    }

    /// Removes `model.` if more than half of the names have it. A name keeps it if it would otherwise equal another name.
    private mutating func takeOffPrefix() {
        let carriers = tensors.filter { $0.name.hasPrefix(Self.prefix) }.count
        guard carriers * 2 > tensors.count else { return }
        let names = Set(tensors.map(\.name))
        var changed = 0
        for index in tensors.indices where tensors[index].name.hasPrefix(Self.prefix) {
            let bare = String(tensors[index].name.dropFirst(Self.prefix.count))
            if bare.isEmpty || names.contains(bare) { continue }
            tensors[index].name = bare
            changed += 1
        }
        notes.append("the prefix `\(Self.prefix)` was removed from \(changed) of \(tensors.count) names")
    }

    /// Entries under other keys that look like a state dictionary: tensors under names with a dot.
    private static func unusual(_ top: Entries, _ arena: PickleArena) -> [(key: String, entries: Entries)] {
        top.compactMap { entry in
            guard let key = arena.text(entry.key), let entries = arena.dictionary(entry.value) else { return nil }
            let fits = entries.contains { arena.tensor($0.value) != nil && arena.text($0.key)?.contains(".") == true }
            return fits ? (key, entries) : nil
        }
    }

    /// The keys of a dictionary without tensors, for the message.
    private static func summary(_ entries: Entries, _ arena: PickleArena) -> String {
        if entries.isEmpty { return "the file holds an empty dict" }
        let shown = entries.prefix(6).map { entry in
            let name = arena.text(entry.key).map { "`\($0.prefix(40))`" } ?? arena.kind(entry.key)
            return "\(name) (\(arena.kind(entry.value)))"
        }
        let more = entries.count > shown.count ? " and \(entries.count - shown.count) more" : ""
        return "the file holds a dict without tensors, with \(shown.joined(separator: ", "))\(more)"
    }
}
