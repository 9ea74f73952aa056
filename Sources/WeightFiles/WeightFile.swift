// An opened file of named tensors: safetensors or PyTorch zip, detected from the content, never from the name; or several such files that
// an index joins. Everything is validated when the file opens. Values are read (and converted) one tensor at a time from the mapped file.
// Not for the names that a network expects (Networks), nor for writing (SafetensorsWriter).
// Invariant: names are unique and `entries` is sorted by name. Other processes must not truncate a file while it is open.
import Files

/// A file of named tensors, open for reading.
public final class WeightFile: Sendable {
    public enum Format: String, Sendable {
        case safetensors
        case pytorch = "PyTorch zip"
    }

    public let path: String
    public let format: Format
    /// The tensors, sorted by name.
    public let entries: [WeightEntry]
    /// The safetensors metadata; empty for PyTorch files.
    public let metadata: [String: String]
    /// What the user should know about how the file was read: a removed prefix, entries that are not tensors.
    public let notes: [String]

    /// A tensor and the file that holds it.
    private struct Held {
        let tensor: StoredTensor
        let source: MappedFile
    }
    private let tensors: [String: Held]

    /// Opens a file and reads its directory. An index (`model.safetensors.index.json`) opens all its files; a Hugging Face folder opens its
    /// weights.
    ///
    /// - Throws: `WeightFileError` if the file cannot be read, has another format, or breaks its own.
    public static func open(_ path: String) throws(WeightFileError) -> WeightFile {
        let path = try WeightIndex.file(of: path)
        if let index = try WeightIndex(path) { return try index.open() }
        return try openSingle(path, takesOffPrefix: true)
    }

    /// The files that hold the tensors of a file, index or folder; sorted.
    public static func files(of path: String) throws(WeightFileError) -> [String] {
        let path = try WeightIndex.file(of: path)
        return try WeightIndex(path)?.paths() ?? [path]
    }

    /// - Parameter takesOffPrefix: false for one of several files, because the index contains the names without change.
    static func openSingle(_ path: String, takesOffPrefix: Bool) throws(WeightFileError) -> WeightFile {
        let file: MappedFile
        do { file = try MappedFile(path) } catch { throw .file(error) }
        switch try FileKind.detect(file.bytes, path: path) {
        case .safetensors: return try SafetensorsReader.open(file, path: path)
        case .zip: return try PyTorchReader.open(file, path: path, takesOffPrefix: takesOffPrefix)
        }
    }

    /// Several files as one.
    /// - Parameter part: the name of the file that holds a tensor.
    init(path: String, joining parts: [WeightFile], part: (String) -> String?) {
        self.path = path
        format = parts.first?.format ?? .safetensors
        metadata = [:]
        notes = ["the tensors are in \(parts.count) files"] + parts.flatMap(\.notes)
        var tensors: [String: Held] = [:]
        for file in parts {
            let name = file.path.split(separator: "/").last.map(String.init)
            for (tensor, held) in file.tensors where part(tensor) == name { tensors[tensor] = held }
        }
        self.tensors = tensors
        entries = tensors.values.map(\.tensor.entry).sorted { $0.name < $1.name }
    }

    init(
        path: String, format: Format, source: MappedFile, tensors: [StoredTensor], metadata: [String: String], notes: [String]
    ) {
        self.path = path
        self.format = format
        self.metadata = metadata
        self.notes = notes
        self.entries = tensors.map(\.entry).sorted { $0.name < $1.name }
        self.tensors = Dictionary(tensors.map { ($0.entry.name, Held(tensor: $0, source: source)) }, uniquingKeysWith: { _, last in last })
    }

    /// The tensor of that name, or nil.
    public func entry(_ name: String) -> WeightEntry? { tensors[name]?.tensor.entry }

    /// A tensor's values as Float32, row-major. Narrower float types convert exactly; float64 and wide integers round to nearest.
    public func float32(_ name: String) throws(WeightFileError) -> [Float] {
        let (tensor, source) = try find(name)
        try check(tensor, canBe: "float32") { $0 != .complex64 }
        return tensor.storage.withBytes(of: source) { storage in
            tensor.withContiguousBytes(of: storage) { bytes in
                [Float](unsafeUninitializedCapacity: tensor.entry.elementCount) { buffer, count in
                    if let from = bytes.baseAddress, let to = buffer.baseAddress {
                        _ = FloatConversion.convert(from, type: tensor.entry.type, count: tensor.entry.elementCount, into: to)
                    }
                    count = tensor.entry.elementCount
                }
            }
        }
    }

    /// Like `float32(_:)`, but reads into the caller's memory, which must have exactly the tensor's number of elements.
    public func read(_ name: String, into buffer: UnsafeMutableBufferPointer<Float>) throws(WeightFileError) {
        let (tensor, source) = try find(name)
        try check(tensor, canBe: "float32") { $0 != .complex64 }
        let count = tensor.entry.elementCount
        if buffer.count != count { throw .bufferSize(path: path, name: name, found: buffer.count, expected: count) }
        tensor.storage.withBytes(of: source) { storage in
            tensor.withContiguousBytes(of: storage) { bytes in
                if let from = bytes.baseAddress, let to = buffer.baseAddress {
                    _ = FloatConversion.convert(from, type: tensor.entry.type, count: count, into: to)
                }
            }
        }
    }

    /// An integer or boolean tensor's values, row-major.
    public func int64(_ name: String) throws(WeightFileError) -> [Int64] {
        let (tensor, source) = try find(name)
        try check(tensor, canBe: "int64") { $0.isInteger }
        let size = tensor.entry.type.byteCount
        let values: [Int64]? = tensor.storage.withBytes(of: source) { storage in
            tensor.withContiguousBytes(of: storage) { bytes in
                guard let base = bytes.baseAddress else { return [] }
                var values: [Int64] = []
                values.reserveCapacity(tensor.entry.elementCount)
                for index in 0..<tensor.entry.elementCount {
                    guard let value = FloatConversion.integer(base + index * size, type: tensor.entry.type) else { return nil }
                    values.append(value)
                }
                return values
            }
        }
        guard let values else { throw .conversion(path: path, name: name, type: tensor.entry.type, wanted: "int64") }
        return values
    }

    /// A tensor's elements as they are stored, row-major and little-endian.
    public func bytes(_ name: String) throws(WeightFileError) -> [UInt8] {
        let (tensor, source) = try find(name)
        return tensor.storage.withBytes(of: source) { storage in
            tensor.withContiguousBytes(of: storage) { Array($0) }
        }
    }

    private func find(_ name: String) throws(WeightFileError) -> (StoredTensor, MappedFile) {
        if let held = tensors[name] { return (held.tensor, held.source) }
        let last = name.split(separator: ".").suffix(2).joined(separator: ".")
        let similar = entries.lazy.map(\.name).filter { $0.hasSuffix(last) }.prefix(3)
        throw .unknownTensor(path: path, name: name, similar: Array(similar))
    }

    private func check(
        _ tensor: StoredTensor, canBe wanted: String, _ accepts: (ElementType) -> Bool
    ) throws(WeightFileError) {
        if !accepts(tensor.entry.type) {
            throw .conversion(path: path, name: tensor.entry.name, type: tensor.entry.type, wanted: wanted)
        }
    }
}
