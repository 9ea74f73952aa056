// The calls of a PyTorch pickle that mean something here: storages, tensors, parameters and ordered dictionaries. Everything else stays inert.

enum PickleCalls {
    typealias Fail = (_ found: String, _ expected: String) -> Unpickler.Failure

    private static let storages: [String: ElementType] = [
        "torch.FloatStorage": .float32, "torch.DoubleStorage": .float64, "torch.HalfStorage": .float16, "torch.BFloat16Storage": .bfloat16,
        "torch.LongStorage": .int64, "torch.IntStorage": .int32, "torch.ShortStorage": .int16, "torch.CharStorage": .int8,
        "torch.ByteStorage": .uint8, "torch.BoolStorage": .bool, "torch.ComplexFloatStorage": .complex64,
    ]
    private static let types: [String: ElementType] = [
        "torch.float32": .float32, "torch.float64": .float64, "torch.float16": .float16, "torch.bfloat16": .bfloat16, "torch.int64": .int64,
        "torch.int32": .int32, "torch.int16": .int16, "torch.int8": .int8, "torch.uint8": .uint8, "torch.bool": .bool,
        "torch.complex64": .complex64, "torch.uint16": .uint16, "torch.uint32": .uint32, "torch.uint64": .uint64,
        "torch.float8_e5m2": .float8E5M2, "torch.float8_e4m3fn": .float8E4M3,
    ]

    /// ("storage", type, key, location, elements).
    static func storage(_ id: PickleValue, _ fail: Fail) throws(Unpickler.Failure) -> PickleValue {
        guard case .tuple(let parts) = id, parts.count == 5, case .text("storage") = parts[0], case .global(let type) = parts[1],
            case .text(let key) = parts[2], case .integer(let count) = parts[4], count >= 0
        else { throw fail("a reference to \(id.kind)", "a reference to a storage") }
        if type == "torch.storage.UntypedStorage" { return .storage(PickleStorage(key: key, type: nil, elementCount: count)) }
        guard let element = storages[type] else { throw fail("a storage of \(type)", "one of PyTorch's number types") }
        return .storage(PickleStorage(key: key, type: element, elementCount: count))
    }

    static func call(_ callable: PickleValue, _ arguments: PickleValue, _ fail: Fail) throws(Unpickler.Failure) -> PickleValue {
        guard case .global(let name) = callable else {
            // A call of something that is itself no known name: a placeholder stays one.
            if case .placeholder = callable { return callable }
            throw fail("a call of \(callable.kind)", "a call by name")
        }
        guard case .tuple(let parts) = arguments else { return .placeholder(name) }
        switch name {
        case "collections.OrderedDict", "builtins.dict", "__builtin__.dict":
            let dictionary = PickleDictionary()
            if case .list(let pairs)? = parts.first {
                for pair in pairs.items { if case .tuple(let item) = pair, item.count == 2 { dictionary.items.append((item[0], item[1])) } }
            }
            return .dictionary(dictionary)
        case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor":
            guard parts.count >= 4, case .storage(let storage) = parts[0], let type = storage.type else {
                throw fail("a tensor of \(parts.first?.kind ?? "nothing")", "a tensor of a storage")
            }
            return try tensor(storage, type: type, parts, fail)
        case "torch._utils._rebuild_tensor_v3":
            guard parts.count >= 7, case .storage(let storage) = parts[0], case .global(let typeName) = parts[6], let type = types[typeName] else {
                throw fail("a tensor of \(parts.first?.kind ?? "nothing")", "a tensor of a storage and a type")
            }
            return try tensor(storage, type: type, parts, fail)
        case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
            guard let value = parts.first else { throw fail("nothing", "a parameter's tensor") }
            return value
        case "torch.Size": return parts.first ?? .tuple([])
        case "builtins.set", "__builtin__.set", "builtins.list", "builtins.tuple": return parts.first ?? .list(PickleList())
        default: return .placeholder(name)
        }
    }

    private static func tensor(
        _ storage: PickleStorage, type: ElementType, _ parts: [PickleValue], _ fail: Fail
    ) throws(Unpickler.Failure) -> PickleValue {
        guard case .integer(let offset) = parts[1], let shape = integers(parts[2]), let strides = integers(parts[3]), shape.count == strides.count,
            shape.allSatisfy({ $0 >= 0 })
        else { throw fail("a tensor without sizes", "offset, sizes and strides") }
        return .tensor(PickleTensor(storage: storage, type: type, offset: offset, shape: shape, strides: strides))
    }

    private static func integers(_ value: PickleValue) -> [Int]? {
        guard case .tuple(let items) = value else { return nil }
        var result: [Int] = []
        for item in items {
            guard case .integer(let number) = item else { return nil }
            result.append(number)
        }
        return result
    }
}
