// The safetensors format (https://github.com/huggingface/safetensors#format): eight bytes of header length, a JSON header, then the
// tensors' bytes. Everything that the header states is checked: types, sizes against shapes, and ranges, which must tile the data without
// gap or overlap.
import Files

enum SafetensorsReader {
    /// The format's own limit for the header.
    static let headerLimit = 100_000_000

    static func open(_ file: MappedFile, path: String) throws(WeightFileError) -> WeightFile {
        let bytes = file.bytes
        if bytes.count < 8 {
            throw .damaged(path: path, place: "byte 0", found: "\(bytes.count) bytes", expected: "a header length of 8 bytes")
        }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        if length > UInt64(headerLimit) {
            throw .limit(path: path, what: "the header's length", found: Int(clamping: length), limit: headerLimit)
        }
        let headerLength = Int(length)
        if headerLength > bytes.count - 8 {
            throw .damaged(
                path: path, place: "byte 8", found: "\(bytes.count - 8) bytes", expected: "a header of \(headerLength) bytes")
        }
        let header = UnsafeRawBufferPointer(rebasing: bytes[8..<8 + headerLength])
        let parsed = try parse(header, path: path)
        var metadata = parsed.metadata
        if let stated = metadata.removeValue(forKey: SafetensorsSeal.key) {
            try SafetensorsSeal.check(bytes, headerLength: headerLength, stated: stated, path: path)
        }
        let dataStart = 8 + headerLength
        let tensors = try layOut(parsed.tensors, dataStart: dataStart, dataCount: bytes.count - dataStart, path: path)
        return WeightFile(
            path: path, format: .safetensors, source: file, tensors: tensors, metadata: metadata, notes: [])
    }

    /// One tensor as the header describes it; it is not checked against the data yet.
    private struct Description {
        let name: String
        var type: ElementType?
        var shape: [Int]?
        var range: [Int]?
    }

    private static func parse(
        _ header: UnsafeRawBufferPointer, path: String
    ) throws(WeightFileError) -> (tensors: [Description], metadata: [String: String]) {
        var tensors: [Description] = []
        var metadata: [String: String] = [:]
        var seen: Set<String> = []
        var unknownType: (name: String, type: String)?
        var scanner = HeaderScanner(header)
        do throws(HeaderScanner.Failure) {
            try scanner.object("at the start of the header") { (scanner, name) throws(HeaderScanner.Failure) in
                if !seen.insert(name).inserted { throw scanner.repeated("tensor name \"\(name)\"") }
                if name == "__metadata__" {
                    try scanner.object("before metadata") { (scanner, key) throws(HeaderScanner.Failure) in
                        let value = try scanner.string("text as the value of metadata \"\(key)\"")
                        if metadata.updateValue(value, forKey: key) != nil { throw scanner.repeated("metadata key \"\(key)\"") }
                    }
                    return
                }
                let described = try description(of: name, &scanner, &unknownType)
                tensors.append(described)
            }
            if scanner.peek() != nil { throw scanner.failure("nothing after the header's last `}`") }
        } catch {
            throw .damaged(
                path: path, place: "byte \(8 + error.position), in the header", found: error.found, expected: error.expected)
        }
        if let unknownType {
            throw .unsupported(
                path: path, place: "tensor `\(unknownType.name)`", found: "number type \(unknownType.type)",
                advice: "Convert it to F32, F16 or BF16 before saving.")
        }
        return (tensors, metadata)
    }

    private static func description(
        of name: String, _ scanner: inout HeaderScanner, _ unknownType: inout (name: String, type: String)?
    ) throws(HeaderScanner.Failure) -> Description {
        var described = Description(name: name)
        var hasType = false
        var unknown: String?
        try scanner.object("before tensor \"\(name)\"") { (scanner, field) throws(HeaderScanner.Failure) in
            switch field {
            case "dtype" where !hasType:
                hasType = true
                let typeName = try scanner.string("the type of tensor \"\(name)\"")
                described.type = ElementType(safetensorsName: typeName)
                if described.type == nil { unknown = typeName }
            case "shape" where described.shape == nil:
                described.shape = try scanner.integers("a size of tensor \"\(name)\"")
            case "data_offsets" where described.range == nil:
                described.range = try scanner.integers("an offset of tensor \"\(name)\"")
            default:
                throw HeaderScanner.Failure(
                    position: scanner.position, found: "field \"\(field)\"",
                    expected: "dtype, shape and data_offsets of tensor \"\(name)\", once each")
            }
        }
        if !hasType || described.shape == nil || described.range?.count != 2 {
            throw HeaderScanner.Failure(
                position: scanner.position, found: "an incomplete description of tensor \"\(name)\"",
                expected: "dtype, shape and two data_offsets")
        }
        if let unknown, unknownType == nil { unknownType = (name, unknown) }
        return described
    }

    /// Checks every range against its shape and type, and checks that the ranges tile the data exactly, as the format requires.
    private static func layOut(
        _ described: [Description], dataStart: Int, dataCount: Int, path: String
    ) throws(WeightFileError) -> [StoredTensor] {
        var placed: [(start: Int, end: Int, tensor: StoredTensor)] = []
        for tensor in described {
            guard let type = tensor.type, let shape = tensor.shape, let range = tensor.range, range.count == 2 else { continue }
            let (start, end) = (range[0], range[1])
            let place = "tensor `\(tensor.name)`"
            if start > end || end > dataCount {
                throw .damaged(
                    path: path, place: place, found: "data offsets \(start) to \(end)",
                    expected: "a range within the file's \(dataCount) bytes of data")
            }
            guard checkedProduct(shape, times: type.byteCount) == end - start else {
                throw .damaged(
                    path: path, place: place, found: "\(end - start) bytes of data",
                    expected: "the bytes of shape \(shape) in \(type.safetensorsName)")
            }
            let stored = StoredTensor(
                entry: WeightEntry(name: tensor.name, shape: shape, type: type),
                storage: .mapped(dataStart + start..<dataStart + end), offset: 0,
                strides: StoredTensor.contiguousStrides(shape))
            placed.append((start, end, stored))
        }
        placed.sort { ($0.start, $0.end, $0.tensor.entry.name) < ($1.start, $1.end, $1.tensor.entry.name) }
        var covered = 0
        for (start, end, tensor) in placed {
            if start != covered {
                throw .damaged(
                    path: path, place: "tensor `\(tensor.entry.name)`",
                    found: start < covered
                        ? "data that overlaps another tensor's" : "\(start - covered) bytes before it that belong to no tensor",
                    expected: "its data to start at offset \(covered)")
            }
            covered = end
        }
        if covered != dataCount {
            throw .damaged(
                path: path, place: "the end", found: "\(dataCount - covered) bytes that belong to no tensor",
                expected: "the file to end after its last tensor")
        }
        return placed.map(\.tensor)
    }
}

extension HeaderScanner {
    func repeated(_ what: String) -> Failure { Failure(position: position, found: "\(what) again", expected: "every name once") }
}
