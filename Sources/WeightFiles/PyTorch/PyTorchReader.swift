// PyTorch's zip format (torch.save since 1.6; .pt, .bin, .ckpt): NAME/data.pkl describes the tensors, NAME/data/KEY holds a storage's bytes.
import Files

enum PyTorchReader {
    /// Largest description that is read: a state dict's is well under a megabyte, a Lightning checkpoint's a few.
    private static let pickleLimit = 256 << 20

    static func open(_ file: MappedFile, path: String) throws(WeightFileError) -> WeightFile {
        let directory = try ZipDirectory(file.bytes, path: path)
        guard let pickle = directory.members.values.filter({ $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") })
            .min(by: { $0.name < $1.name })
        else {
            throw .unrecognised(path: path, found: "it is a zip file without a data.pkl, not one that torch.save wrote")
        }
        let prefix = String(pickle.name.dropLast("data.pkl".count))
        if let order = directory.members[prefix + "byteorder"] {
            let text = String(decoding: file.bytes[order.range], as: UTF8.self)
            guard text == "little" else {
                throw .unsupported(path: path, place: "byteorder", found: text, advice: "save it again on a little-endian machine")
            }
        }
        guard pickle.range.count <= pickleLimit else {
            throw .limit(path: path, what: "the size of data.pkl", found: pickle.range.count, limit: pickleLimit)
        }
        let root: PickleValue
        do throws(Unpickler.Failure) {
            root = try Unpickler.value(of: UnsafeRawBufferPointer(rebasing: file.bytes[pickle.range]))
        } catch {
            throw .damaged(path: path, place: "data.pkl, byte \(error.position)", found: error.found, expected: error.expected)
        }
        var (named, notes) = try StateDictionary.find(root, path: path)
        let tensors = try named.map { item throws(WeightFileError) in
            try place(item.tensor, name: item.name, prefix: prefix, directory, path: path)
        }
        if tensors.isEmpty { notes.append("the file holds no tensors") }
        return WeightFile(
            path: path, format: .pytorch, source: file, tensors: tensors, metadata: [:], notes: notes)
    }

    /// Finds a tensor's storage in the file and checks that the tensor stays inside it.
    private static func place(
        _ tensor: PickleTensor, name: String, prefix: String, _ directory: ZipDirectory, path: String
    ) throws(WeightFileError) -> StoredTensor {
        guard let member = directory.members[prefix + "data/" + tensor.storage.key] else {
            throw .damaged(path: path, place: "tensor \(name)", found: "no member \(prefix)data/\(tensor.storage.key)", expected: "its storage")
        }
        guard checkedProduct(tensor.shape, times: tensor.type.byteCount) != nil,
            let reach = StoredTensor.reach(shape: tensor.shape, strides: tensor.strides, offset: tensor.offset),
            let bytes = checkedProduct([reach], times: tensor.type.byteCount), bytes <= member.range.count
        else {
            throw .damaged(
                path: path, place: "tensor \(name)",
                found: "sizes \(tensor.shape), strides \(tensor.strides), offset \(tensor.offset) in a storage of \(member.range.count) bytes",
                expected: "a tensor inside its storage")
        }
        // A tiny storage can be repeated without end by strides of zero.
        guard tensor.shape.reduce(1, &*) <= max(1, member.range.count) * 1024 else {
            throw .limit(path: path, what: "elements of tensor \(name)", found: tensor.shape.reduce(1, &*), limit: member.range.count * 1024)
        }
        return StoredTensor(
            entry: WeightEntry(name: name, shape: tensor.shape, type: tensor.type),
            storage: .init(offset: member.range.lowerBound, byteCount: member.range.count), offset: tensor.offset, strides: tensor.strides)
    }
}

/// Where the tensors are in what a pickle holds: a state dict itself, or one under a usual key; Lightning's `model.` prefix taken off.
enum StateDictionary {
    private static let keys = ["state_dict", "model_state_dict", "model"]

    static func find(
        _ root: PickleValue, path: String
    ) throws(WeightFileError) -> (tensors: [(name: String, tensor: PickleTensor)], notes: [String]) {
        guard case .dictionary(let top) = root else { throw .notAStateDictionary(path: path, found: root.kind) }
        var notes: [String] = []
        var state = top
        for key in keys {
            guard case .dictionary(let inner)? = top.items.last(where: { if case .text(key) = $0.key { true } else { false } })?.value else { continue }
            state = inner
            notes.append("the tensors are under \"\(key)\"")
            break
        }
        var found: [(name: String, tensor: PickleTensor)] = []
        var places: [String: Int] = [:]
        for (key, value) in state.items {
            guard case .text(let name) = key else { throw .notAStateDictionary(path: path, found: "a dictionary with \(key.kind) as a key") }
            switch value {
            case .tensor(let tensor):
                if let place = places[name] { found[place] = (name, tensor) } else {
                    places[name] = found.count
                    found.append((name, tensor))
                }
            case .placeholder(let className): throw .foreignObject(path: path, name: name, className: className)
            default: notes.append("\(name) is \(value.kind), not a tensor")
            }
        }
        let prefix = "model."
        let prefixed = found.filter { $0.name.hasPrefix(prefix) }.count
        if prefixed * 2 > found.count {
            let names = Set(found.map(\.name))
            found = found.map { item in
                let bare = String(item.name.dropFirst(prefix.count))
                return item.name.hasPrefix(prefix) && !names.contains(bare) ? (bare, item.tensor) : item
            }
            notes.append("the prefix \"\(prefix)\" was taken off \(prefixed) names")
        }
        return (found, notes)
    }
}
