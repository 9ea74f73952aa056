// Reads PyTorch's zip format (torch.save since version 1.6; .pt, .pth, .bin, .ckpt): NAME/data.pkl is a pickle that describes the tensors,
// NAME/data/KEY holds a storage's bytes, NAME/byteorder their byte order. Checks that every tensor stays within its storage.
import Files

enum PyTorchReader {
    /// The largest pickle that is read. A state dictionary's pickle is well below a megabyte, a Lightning checkpoint's is a few megabytes.
    static let pickleLimit = 256 << 20
    /// The limit for all unpacked storages together. torch.save does not compress, so compressed files were repacked by other tools.
    static let unpackedLimit = 4_000_000_000
    /// A view may repeat a small storage (a stride of 0), but not beyond this many elements.
    static let repeatedElementLimit = 1 << 26

    /// - Parameter takesOffPrefix: whether Lightning's prefix `model.` is removed.
    static func open(_ file: MappedFile, path: String, takesOffPrefix: Bool = true) throws(WeightFileError) -> WeightFile {
        let directory = try ZipDirectory(file.bytes, path: path)
        let pickles = directory.members.values.filter { $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") }
        guard let pickle = pickles.first else {
            throw .unrecognised(path: path, found: "it is a zip file without a data.pkl, so not one that torch.save wrote")
        }
        if pickles.count > 1 {
            throw .unrecognised(path: path, found: "it is a zip file with \(pickles.count) files named data.pkl")
        }
        let prefix = String(pickle.name.dropLast("data.pkl".count))
        if directory.members[prefix + "constants.pkl"] != nil {
            throw .unrecognised(
                path: path, found: "it is a TorchScript program; save its weights with torch.save(model.state_dict(), 'out.pt')")
        }
        var storages = Storages(file: file, directory: directory, prefix: prefix, path: path)
        try storages.checkByteOrder()
        if pickle.byteCount > pickleLimit {
            throw .limit(path: path, what: "the size of data.pkl", found: pickle.byteCount, limit: pickleLimit)
        }
        let pickleBytes = try storages.storage(pickle)
        let loaded: (root: PickleValue, arena: PickleArena)
        do throws(PickleFailure) {
            loaded = try pickleBytes.withBytes(of: file) { bytes in
                Result { () throws(PickleFailure) in try Unpickler.load(bytes) }
            }.get()
        } catch {
            throw .damaged(path: path, place: "byte \(error.position) of \(pickle.name)", found: error.found, expected: error.expected)
        }
        let state = try StateDictionary(loaded.root, in: loaded.arena, path: path, takesOffPrefix: takesOffPrefix)
        var tensors: [StoredTensor] = []
        for item in state.tensors { tensors.append(try storages.place(item.tensor, name: item.name)) }
        return WeightFile(path: path, format: .pytorch, source: file, tensors: tensors, metadata: [:], notes: state.notes)
    }
}

/// The storages of one file; compressed ones are unpacked once.
private struct Storages {
    let file: MappedFile
    let directory: ZipDirectory
    let prefix: String
    let path: String
    private var unpacked: [String: StoredTensor.Storage] = [:]
    private var unpackedBytes = 0

    init(file: MappedFile, directory: ZipDirectory, prefix: String, path: String) {
        self.file = file
        self.directory = directory
        self.prefix = prefix
        self.path = path
    }

    mutating func storage(_ member: ZipMember) throws(WeightFileError) -> StoredTensor.Storage {
        if !member.isCompressed { return .mapped(member.range) }
        if let storage = unpacked[member.name] { return storage }
        let limit = PyTorchReader.unpackedLimit
        let bytes = unpackedBytes.addingReportingOverflow(member.byteCount)
        if bytes.overflow || bytes.partialValue > limit {
            throw .limit(
                path: path, what: "the unpacked size of its compressed members", found: bytes.overflow ? .max : bytes.partialValue,
                limit: limit)
        }
        unpackedBytes = bytes.partialValue
        let storage = StoredTensor.Storage.unpacked(try ZipInflater.bytes(of: member, in: file.bytes, path: path))
        unpacked[member.name] = storage
        return storage
    }

    /// Files of PyTorch before 2.1 have no record of their byte order; in practice they are little-endian.
    mutating func checkByteOrder() throws(WeightFileError) {
        guard let member = directory.members[prefix + "byteorder"] else { return }
        if member.byteCount > 16 {
            throw .damaged(path: path, place: member.name, found: "\(member.byteCount) bytes", expected: "`little` or `big`")
        }
        let order = try storage(member).withBytes(of: file) { String(decoding: $0, as: UTF8.self) }
        if order == "little" { return }
        if order == "big" {
            throw .unsupported(
                path: path, place: member.name, found: "big-endian byte order", advice: "Save the file again on a little-endian machine.")
        }
        throw .damaged(path: path, place: member.name, found: "`\(order)`", expected: "`little` or `big`")
    }

    /// Finds a tensor's storage in the file and checks that the tensor stays inside it.
    mutating func place(_ tensor: PickleTensor, name: String) throws(WeightFileError) -> StoredTensor {
        let place = "tensor `\(name)`"
        let memberName = prefix + "data/" + tensor.storage.key
        guard let member = directory.members[memberName] else {
            throw .damaged(path: path, place: place, found: "no member \(memberName)", expected: "the tensor's storage")
        }
        let storageWidth = tensor.storage.type?.byteCount ?? 1
        guard let storageBytes = checkedProduct([tensor.storage.elementCount], times: storageWidth), storageBytes <= member.byteCount else {
            throw .damaged(
                path: path, place: place, found: "a storage of \(tensor.storage.elementCount) elements in \(member.byteCount) bytes",
                expected: "elements of \(storageWidth) bytes that fit")
        }
        guard let count = checkedProduct(tensor.shape, times: 1), checkedProduct(tensor.shape, times: tensor.type.byteCount) != nil,
            let reach = StoredTensor.reach(shape: tensor.shape, strides: tensor.strides, offset: tensor.offset),
            let bytes = checkedProduct([reach], times: tensor.type.byteCount), count == 0 || bytes <= storageBytes
        else {
            throw .damaged(
                path: path, place: place, found: "sizes \(tensor.shape), strides \(tensor.strides) from element \(tensor.offset) on",
                expected: "a tensor within its storage of \(storageBytes) bytes")
        }
        let limit = max(PyTorchReader.repeatedElementLimit, storageBytes / tensor.type.byteCount)
        if count > limit { throw .limit(path: path, what: "the number of elements of tensor `\(name)`", found: count, limit: limit) }
        return StoredTensor(
            entry: WeightEntry(name: name, shape: tensor.shape, type: tensor.type), storage: try storage(member),
            offset: tensor.offset, strides: tensor.strides)
    }
}
