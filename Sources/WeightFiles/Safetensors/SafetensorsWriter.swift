// Writes safetensors files: the same tensors and metadata give the same bytes, in whatever order they were added.
// The header is padded to eight bytes and tensors are sorted by decreasing element size, so every tensor is aligned. The format's own
// library uses the same order and writes byte-identical files. The file appears whole or not at all.
import Files

/// Collects named tensors, then writes them to one file.
public struct SafetensorsWriter {
    private enum Values {
        case floats([Float])
        case integers([Int64])
        case bytes([UInt8])
        case borrowed(UnsafeRawBufferPointer)

        func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
            switch self {
            case .floats(let values): values.withUnsafeBytes(body)
            case .integers(let values): values.withUnsafeBytes(body)
            case .bytes(let values): values.withUnsafeBytes(body)
            case .borrowed(let bytes): body(bytes)
            }
        }
    }

    private struct Item {
        let entry: WeightEntry
        let values: Values
        let byteCount: Int
    }

    private var items: [Item] = []
    private let metadata: [String: String]
    private let sealed: Bool

    /// - Parameter sealed: adds a checksum of the whole file to the metadata, which this library checks when it opens the file.
    public init(metadata: [String: String] = [:], sealed: Bool = false) {
        self.metadata = sealed ? metadata.merging([SafetensorsSeal.key: SafetensorsSeal.blank]) { _, blank in blank } : metadata
        self.sealed = sealed
    }

    /// Adds a float32 tensor, row-major.
    public mutating func add(_ name: String, shape: [Int], _ values: [Float]) {
        append(name, shape, .float32, .floats(values), values.count * 4)
    }

    /// Adds a float32 tensor without copying it: the caller must not move or change the memory until `write(to:)` returns.
    public mutating func add(_ name: String, shape: [Int], borrowing values: UnsafeBufferPointer<Float>) {
        append(name, shape, .float32, .borrowed(UnsafeRawBufferPointer(values)), values.count * 4)
    }

    /// Adds an int64 tensor, row-major.
    public mutating func add(_ name: String, shape: [Int], _ values: [Int64]) {
        append(name, shape, .int64, .integers(values), values.count * 8)
    }

    /// Adds a tensor of any type from its elements' bytes, row-major and little-endian.
    public mutating func add(_ name: String, shape: [Int], type: ElementType = .uint8, bytes: [UInt8]) {
        append(name, shape, type, .bytes(bytes), bytes.count)
    }

    private mutating func append(_ name: String, _ shape: [Int], _ type: ElementType, _ values: Values, _ byteCount: Int) {
        items.append(Item(entry: WeightEntry(name: name, shape: shape, type: type), values: values, byteCount: byteCount))
    }

    /// Writes the file under a temporary name beside `path` and renames it when it is complete.
    ///
    /// - Throws: `WeightFileError.unwritable` if a name is repeated or reserved, or if a shape does not match its values; `.file` if the
    ///   file cannot be written.
    public func write(to path: String) throws(WeightFileError) {
        try check(path)
        let ordered = items.sorted {
            ($1.entry.type.writingRank, $0.entry.name) < ($0.entry.type.writingRank, $1.entry.name)
        }
        var header = Self.header(ordered.map { ($0.entry, $0.byteCount) }, metadata)
        if sealed { try seal(&header, ordered, path) }
        do throws(FileError) {
            let file = try AtomicFile(path: path)
            try file.write(header)
            for item in ordered {
                var failure: FileError?
                item.values.withBytes { bytes in
                    do throws(FileError) { try file.write(bytes) } catch { failure = error }
                }
                if let failure { throw failure }
            }
            try file.commit()
        } catch { throw .file(error) }
    }

    /// Writes the checksum into its place, which holds zeros.
    private func seal(_ header: inout [UInt8], _ ordered: [Item], _ path: String) throws(WeightFileError) {
        let stream = SHA256Stream()
        stream.update(header)
        for item in ordered { item.values.withBytes { stream.update($0) } }
        guard let digest = stream.finish(), let place = header.withUnsafeBytes({ SafetensorsSeal.place(in: $0) }) else {
            throw .unwritable(path: path, name: SafetensorsSeal.key, problem: "the checksum cannot be made")
        }
        header.replaceSubrange(place, with: digest.utf8)
    }

    /// Writes float32 tensors and metadata in one call.
    public static func write(
        _ tensors: [(name: String, shape: [Int], values: [Float])], metadata: [String: String] = [:], sealed: Bool = false,
        to path: String
    ) throws(WeightFileError) {
        var writer = SafetensorsWriter(metadata: metadata, sealed: sealed)
        for tensor in tensors { writer.add(tensor.name, shape: tensor.shape, tensor.values) }
        try writer.write(to: path)
    }

    private func check(_ path: String) throws(WeightFileError) {
        var names: Set<String> = []
        for item in items {
            let name = item.entry.name
            if name == "__metadata__" { throw .unwritable(path: path, name: name, problem: "the format reserves this name") }
            if !names.insert(name).inserted { throw .unwritable(path: path, name: name, problem: "the name was added twice") }
            guard let needed = checkedProduct(item.entry.shape, times: item.entry.type.byteCount), needed == item.byteCount else {
                throw .unwritable(
                    path: path, name: name,
                    problem: "shape \(item.entry.shape) in \(item.entry.type) does not match \(item.byteCount) bytes of values")
            }
        }
    }

    /// The length and the JSON header, padded with spaces to a multiple of eight bytes.
    private static func header(_ tensors: [(entry: WeightEntry, byteCount: Int)], _ metadata: [String: String]) -> [UInt8] {
        var fields: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for (entry, byteCount) in tensors {
            let shape = entry.shape.map(String.init).joined(separator: ",")
            fields.append(
                "\(quoted(entry.name)):{\"dtype\":\"\(entry.type.safetensorsName)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(offset),\(offset + byteCount)]}")
            offset += byteCount
        }
        var json = Array("{\(fields.joined(separator: ","))}".utf8)
        while json.count % 8 != 0 { json.append(0x20) }
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
    }

    /// A JSON string; only characters that must be escaped are escaped.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{c}": result += "\\f"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension ElementType {
    /// The rank of a type in the order of the format's own library, which writes higher ranks first, so that element sizes never increase.
    var writingRank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
