// The calls of a PyTorch pickle that this library supports: storages, tensors, parameters and plain containers. It recognises them by name
// and performs them itself; every other call gives an inert placeholder. No name in a file is ever looked up or run.

enum PickleCalls {
    private static let storageTypes: [String: ElementType] = [
        "FloatStorage": .float32, "DoubleStorage": .float64, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
        "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8,
        "BoolStorage": .bool, "ComplexFloatStorage": .complex64,
    ]

    private static let numberTypes: [String: ElementType] = [
        "float32": .float32, "float": .float32, "float64": .float64, "double": .float64, "float16": .float16, "half": .float16,
        "bfloat16": .bfloat16, "int64": .int64, "int32": .int32, "int16": .int16, "int8": .int8, "uint8": .uint8, "bool": .bool,
        "complex64": .complex64, "uint16": .uint16, "uint32": .uint32, "uint64": .uint64, "float8_e5m2": .float8E5M2,
        "float8_e4m3fn": .float8E4M3,
    ]

    /// The part of a name after "torch.", or nil for other names.
    private static func torchName(_ name: String) -> String? { name.hasPrefix("torch.") ? String(name.dropFirst(6)) : nil }

    /// A persistent id: ("storage", storage class, key, device, element count). A class with an unknown number type gives a placeholder.
    static func storage(
        _ id: PickleValue, in arena: inout PickleArena, _ scanner: PickleScanner
    ) throws(PickleFailure) -> PickleValue {
        guard let parts = arena.tuple(id), parts.count >= 5, arena.text(parts[0]) == "storage",
            let className = arena.global(parts[1]), let key = arena.text(parts[2]), case .integer(let count) = parts[4], count >= 0
        else { throw scanner.failure("a reference to \(arena.kind(id))", "(\"storage\", class, key, device, element count)") }
        if className == "torch.storage.UntypedStorage" || className == "torch.UntypedStorage" {
            return arena.add(storage: PickleStorage(key: key, type: nil, elementCount: count))
        }
        guard let type = torchName(className).flatMap({ storageTypes[$0] }) else { return arena.add(.opaque(className)) }
        return arena.add(storage: PickleStorage(key: key, type: type, elementCount: count))
    }

    /// The value of `callable(*arguments)`, for calls and for classes alike.
    static func call(
        _ callable: PickleValue, _ arguments: PickleValue, in arena: inout PickleArena, _ scanner: PickleScanner, depth: Int = 0
    ) throws(PickleFailure) -> PickleValue {
        guard case .node(let index) = callable else { throw scanner.failure("a call of \(arena.kind(callable))", "a call by name") }
        let name: String
        switch arena.nodes[index] {
        case .global(let global): name = global
        case .opaque(let className): return arena.add(.opaque(className))
        default: throw scanner.failure("a call of \(arena.kind(callable))", "a call by name")
        }
        guard let parts = arena.tuple(arguments) else { return arena.add(.opaque(name)) }
        switch name {
        case "collections.OrderedDict", "builtins.dict", "__builtin__.dict":
            return dictionary(parts, in: &arena)
        case "builtins.set", "__builtin__.set", "builtins.frozenset", "__builtin__.frozenset", "builtins.list", "__builtin__.list":
            return arena.add(list: parts.first.map { items($0, in: arena) } ?? [])
        case "builtins.tuple", "__builtin__.tuple", "torch.Size":
            return arena.add(.tuple(parts.first.map { items($0, in: arena) } ?? []))
        case "_codecs.encode", "builtins.bytes", "__builtin__.bytes", "builtins.bytearray", "__builtin__.bytearray":
            return arena.add(.bytes)
        case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
            return try tensor(parts, typeAt: nil, in: &arena, scanner)
        case "torch._utils._rebuild_tensor_v3":
            return try tensor(parts, typeAt: 6, in: &arena, scanner)
        case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
            guard let value = parts.first else { throw scanner.failure("a parameter of nothing", "a parameter's tensor") }
            return value
        case "torch._tensor._rebuild_from_type_v2" where parts.count >= 3 && depth < 4:
            // (function, class, arguments, attributes): a tensor with Python attributes. The attributes are ignored.
            return try call(parts[0], parts[2], in: &arena, scanner, depth: depth + 1)
        case "copy_reg._reconstructor", "copyreg._reconstructor", "copyreg.__newobj__":
            return arena.add(.opaque(parts.first.flatMap { arena.global($0) } ?? name))
        default:
            return arena.add(.opaque(name))
        }
    }

    /// The items of a tuple, list or set; empty for other values.
    private static func items(_ value: PickleValue, in arena: PickleArena) -> [PickleValue] {
        switch arena.node(value) {
        case .tuple(let items)?: items
        case .list(let index)?: arena.lists[index]
        default: []
        }
    }

    /// A dictionary from a sequence of pairs.
    private static func dictionary(_ parts: [PickleValue], in arena: inout PickleArena) -> PickleValue {
        var flat: [PickleValue] = []
        for pair in parts.first.map({ items($0, in: arena) }) ?? [] {
            let keyAndValue = items(pair, in: arena)
            if keyAndValue.count == 2 { flat += keyAndValue }
        }
        return arena.add(dictionary: flat)
    }

    /// (storage, offset, sizes, strides, ...). The number type is the argument at `typeAt`, or else the storage's.
    private static func tensor(
        _ parts: [PickleValue], typeAt: Int?, in arena: inout PickleArena, _ scanner: PickleScanner
    ) throws(PickleFailure) -> PickleValue {
        guard parts.count >= max(4, (typeAt ?? 0) + 1) else {
            throw scanner.failure("a tensor with \(parts.count) arguments", "storage, offset, sizes and strides")
        }
        let storage: PickleStorage
        switch arena.node(parts[0]) {
        case .storage(let index)?: storage = arena.storages[index]
        case .opaque(let className)?: return arena.add(.opaque(className))
        default: throw scanner.failure("a tensor of \(arena.kind(parts[0]))", "a tensor of a storage")
        }
        var type = storage.type
        if let typeAt {
            guard let name = arena.global(parts[typeAt]) else {
                throw scanner.failure("\(arena.kind(parts[typeAt])) as a number type", "a torch.dtype")
            }
            type = torchName(name).flatMap { numberTypes[$0] }
            if type == nil { return arena.add(.opaque("\(name) (a number type)")) }
        }
        guard let type else { throw scanner.failure("a tensor of an untyped storage", "a tensor that says its number type") }
        guard case .integer(let offset) = parts[1], let shape = sizes(parts[2], in: arena), let strides = sizes(parts[3], in: arena),
            offset >= 0, shape.count == strides.count, shape.count <= 64
        else { throw scanner.failure("a tensor without whole sizes", "an offset, and as many sizes as strides, none below 0") }
        return arena.add(tensor: PickleTensor(storage: storage, type: type, offset: offset, shape: shape, strides: strides))
    }

    private static func sizes(_ value: PickleValue, in arena: PickleArena) -> [Int]? {
        guard let items = arena.tuple(value) else { return nil }
        var numbers: [Int] = []
        for item in items {
            guard case .integer(let number) = item, number >= 0 else { return nil }
            numbers.append(number)
        }
        return numbers
    }
}
