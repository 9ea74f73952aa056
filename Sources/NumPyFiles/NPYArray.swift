// Reads an array of a .npy file: versions 1.0 to 3.0, float32 and int32 in little-endian order, rows or columns first. Not for archives
// (.npz) or pickled objects. Invariant: the file is as long as its header says; values come in the order of rows, whatever the file's.
import Files

public struct NPYArray {
    public let path: String
    public let shape: [Int]
    /// As the header writes it, such as "<f4".
    private let type: String
    private let isFortranOrder: Bool
    private let bytes: [UInt8]
    private let start: Int

    /// The largest file that is read.
    public static let limit = 1 << 30
    /// The largest header.
    private static let headerLimit = 1 << 16
    private static let magic = [0x93] + Array("NUMPY".utf8)

    /// Whether a file begins as a .npy file does.
    public static func isNPY(_ bytes: some Collection<UInt8>) -> Bool { bytes.starts(with: magic) }

    public init(_ path: String) throws(NPYError) {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try FileIO.read(path, limit: Self.limit) } catch { throw .file(error) }
        try self.init(bytes, path: path)
    }

    /// - Parameter path: for errors.
    public init(_ bytes: [UInt8], path: String) throws(NPYError) {
        guard Self.isNPY(bytes) else { throw .notNPY(path: path, looksLike: Self.likeness(bytes)) }
        guard bytes.count >= 10 else { throw .header(path: path, reason: "the file ends within it") }
        guard (1...3).contains(bytes[6]), bytes[7] == 0 else { throw .version(path: path, found: "\(bytes[6]).\(bytes[7])") }
        let sizeBytes = bytes[6] == 1 ? 2 : 4
        let length = bytes[8...].prefix(sizeBytes).reversed().reduce(0) { $0 << 8 | Int($1) }, start = 8 + sizeBytes + length
        guard length <= Self.headerLimit else {
            throw .header(path: path, reason: "its stated length is \(length) bytes; at most \(Self.headerLimit) are read")
        }
        guard start <= bytes.count else { throw .header(path: path, reason: "the file ends within it") }
        let header: NPYHeader
        do throws(NPYHeader.Fault) { header = try NPYHeader(bytes[(8 + sizeBytes)..<start]) } catch {
            throw .header(path: path, reason: error.reason)
        }
        self.path = path
        self.bytes = bytes
        self.start = start
        shape = header.shape
        type = header.type
        isFortranOrder = header.isFortranOrder
    }

    /// "float32 (224, 224, 3)".
    public var description: String { "\(Self.name(of: type)) \(Self.text(shape))" }

    /// A shape as Python writes it.
    public static func text(_ shape: [Int]) -> String {
        "(" + shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? ",)" : ")")
    }

    /// The values, row by row. They may be any, also such as are no numbers.
    public func float32() throws(NPYError) -> [Float] {
        try values(of: "<f4", numpy: "float32") { Float(bitPattern: $0) }
    }

    /// The same, all finite.
    public func finiteFloat32() throws(NPYError) -> [Float] {
        let values = try float32()
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(path: path, place: place(index), value: values[index].isNaN ? "not a number (NaN)" : "infinite")
        }
        return values
    }

    public func int32() throws(NPYError) -> [Int32] { try values(of: "<i4", numpy: "int32") { Int32(bitPattern: $0) } }

    /// The place of a value, as Python's indices: "[0, 5, 2]".
    public func place(_ index: Int) -> String {
        var rest = index, places: [Int] = []
        for size in shape.reversed() {
            places.insert(rest % max(1, size), at: 0)
            rest /= max(1, size)
        }
        return "[" + places.map(String.init).joined(separator: ", ") + "]"
    }

    private func values<Value>(of wanted: String, numpy: String, _ value: (UInt32) -> Value) throws(NPYError) -> [Value] {
        guard type == wanted else {
            let swapped = type == ">" + wanted.dropFirst()
            throw .otherType(
                path: path, found: "\(Self.name(of: type)) values", expected: "\(numpy) ('\(wanted)')",
                cure: swapped ? "save array.astype('\(wanted)')" : "save array.astype(numpy.\(numpy))")
        }
        var count = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow, product <= Self.limit else {
                throw .otherLength(path: path, found: bytes.count - start, expected: nil, array: description)
            }
            count = product
        }
        guard bytes.count - start == 4 * count else {
            throw .otherLength(path: path, found: bytes.count - start, expected: 4 * count, array: description)
        }
        return bytes.withUnsafeBytes { raw in
            func stored(_ index: Int) -> Value {
                value(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: start + 4 * index, as: UInt32.self)))
            }
            if !isFortranOrder || shape.count < 2 { return (0..<count).map(stored) }
            // Of a value's places the first moves fastest in the file, the last in the result.
            var strides: [Int] = [], step = 1
            for size in shape {
                strides.append(step)
                step *= size
            }
            return (0..<count).map { index in
                var rest = index, at = 0
                for (size, stride) in zip(shape, strides).reversed() {
                    at += rest % size * stride
                    rest /= size
                }
                return stored(at)
            }
        }
    }

    /// A type's name for a person: "float64 ('<f8')".
    private static func name(of type: String) -> String {
        let kinds: [Character: String] = ["f": "float", "i": "int", "u": "uint", "c": "complex"]
        let order = type.first == ">" ? "big-endian " : ""
        guard let kind = type.dropFirst().first, let bytes = Int(type.dropFirst(2)), (1...32).contains(bytes) else {
            return type.dropFirst().first == "O" ? "pickled objects ('\(type)')" : "'\(type)'"
        }
        if kind == "b" { return "bool ('\(type)')" }
        return kinds[kind].map { "\(order)\($0)\(8 * bytes) ('\(type)')" } ?? "'\(type)'"
    }

    private static func likeness(_ bytes: [UInt8]) -> String? {
        if bytes.isEmpty { return "empty" }
        if bytes.starts(with: Array("PK".utf8)) { return "a zip file, such as .npz; save its array with numpy.save" }
        if bytes.starts(with: [0x80]) { return "a pickle; save its array with numpy.save" }
        return nil
    }
}
