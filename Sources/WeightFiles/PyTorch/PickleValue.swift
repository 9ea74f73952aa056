// The values that the restricted unpickler builds: plain data, containers, storages and tensors. Every other object is an inert placeholder
// that keeps only the name of its class. Values are indexes into one arena, not references: a pickle may contain itself or be nested a
// million levels deep, and freeing a tree of objects would then overflow the stack. An arena is freed at once.

/// One value of a pickle. Anything except numbers is stored in the arena.
enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case node(Int)
}

/// A value in the arena. Lists and dictionaries are boxes, because a pickle fills them after it has used them elsewhere.
enum PickleNode {
    case text(String)
    /// Bytes or a bytearray; the content is never needed.
    case bytes
    case tuple([PickleValue])
    /// A list or a set: index into `PickleArena.lists`.
    case list(Int)
    /// Index into `PickleArena.dictionaries`.
    case dictionary(Int)
    /// A name in the file, such as `torch._utils._rebuild_tensor_v2`. It is only compared, never looked up.
    case global(String)
    /// Index into `PickleArena.storages`.
    case storage(Int)
    /// Index into `PickleArena.tensors`.
    case tensor(Int)
    /// An object of a class that this library does not build.
    case opaque(String)
}

/// A storage as the pickle names it.
struct PickleStorage {
    /// The storage's bytes are in the member `data/KEY`.
    let key: String
    /// Nil for an untyped storage: its tensors state their type, and its elements are bytes.
    let type: ElementType?
    let elementCount: Int
}

/// A tensor as the pickle describes it; not yet checked against its storage.
struct PickleTensor {
    let storage: PickleStorage
    let type: ElementType
    let offset: Int
    let shape: [Int]
    let strides: [Int]
}

/// All values of one pickle.
struct PickleArena {
    private(set) var nodes: [PickleNode] = []
    private(set) var lists: [[PickleValue]] = []
    /// Keys and values alternate, in the order in which they were set; the last value of a key counts.
    private(set) var dictionaries: [[PickleValue]] = []
    private(set) var storages: [PickleStorage] = []
    private(set) var tensors: [PickleTensor] = []

    mutating func add(_ node: PickleNode) -> PickleValue {
        nodes.append(node)
        return .node(nodes.count - 1)
    }

    mutating func add(list items: [PickleValue]) -> PickleValue {
        lists.append(items)
        return add(.list(lists.count - 1))
    }

    mutating func add(dictionary items: [PickleValue]) -> PickleValue {
        dictionaries.append(items)
        return add(.dictionary(dictionaries.count - 1))
    }

    mutating func add(storage: PickleStorage) -> PickleValue {
        storages.append(storage)
        return add(.storage(storages.count - 1))
    }

    mutating func add(tensor: PickleTensor) -> PickleValue {
        tensors.append(tensor)
        return add(.tensor(tensors.count - 1))
    }

    mutating func append(_ items: [PickleValue], toList index: Int) { lists[index] += items }
    mutating func append(_ items: [PickleValue], toDictionary index: Int) { dictionaries[index] += items }

    /// The value's node, or nil for a number, a bool or None.
    func node(_ value: PickleValue) -> PickleNode? {
        if case .node(let index) = value { nodes[index] } else { nil }
    }

    func text(_ value: PickleValue) -> String? {
        if case .text(let text)? = node(value) { text } else { nil }
    }

    func global(_ value: PickleValue) -> String? {
        if case .global(let name)? = node(value) { name } else { nil }
    }

    func tuple(_ value: PickleValue) -> [PickleValue]? {
        if case .tuple(let items)? = node(value) { items } else { nil }
    }

    func tensor(_ value: PickleValue) -> PickleTensor? {
        if case .tensor(let index)? = node(value) { tensors[index] } else { nil }
    }

    func dictionary(_ value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
        guard case .dictionary(let index)? = node(value) else { return nil }
        let items = dictionaries[index]
        return stride(from: 0, to: items.count - 1, by: 2).map { (items[$0], items[$0 + 1]) }
    }

    /// The kind of a value, for messages.
    func kind(_ value: PickleValue) -> String {
        switch value {
        case .none: return "None"
        case .bool: return "a bool"
        case .integer: return "an int"
        case .float: return "a float"
        case .node(let index):
            switch nodes[index] {
            case .text: return "a string"
            case .bytes: return "bytes"
            case .tuple: return "a tuple"
            case .list: return "a list"
            case .dictionary: return "a dict"
            case .global(let name): return "the name \(name)"
            case .storage: return "a storage"
            case .tensor: return "a tensor"
            case .opaque(let name): return "an object of class \(name)"
            }
        }
    }
}
