// Reads the operands of pickle instructions from bytes: numbers, counted data, lines. Every read is checked against the end of the data.

/// A pickle that breaks its format: the position, what was found, what was expected.
struct PickleFailure: Error {
    let position: Int
    let found: String
    let expected: String
}

struct PickleScanner {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    func failure(_ found: String, _ expected: String) -> PickleFailure {
        PickleFailure(position: position, found: found, expected: expected)
    }

    mutating func data(_ count: Int) throws(PickleFailure) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - position else {
            throw failure("the end, \(bytes.count - position) bytes ahead", "\(count) bytes more")
        }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    mutating func byte() throws(PickleFailure) -> UInt8 { try data(1)[0] }

    /// A little-endian number. A number beyond Int becomes the largest Int, which every later check refuses.
    mutating func number<Stored: FixedWidthInteger & BitwiseCopyable>(_: Stored.Type) throws(PickleFailure) -> Int {
        Int(clamping: Stored(littleEndian: try data(MemoryLayout<Stored>.size).loadUnaligned(as: Stored.self)))
    }

    mutating func double() throws(PickleFailure) -> Double {
        Double(bitPattern: UInt64(bigEndian: try data(8).loadUnaligned(as: UInt64.self)))
    }

    /// A two's complement number of `count` bytes, or nil if it does not fit an Int.
    mutating func longNumber(_ count: Int) throws(PickleFailure) -> Int? {
        let raw = try data(count)
        guard count <= 8 else { return nil }
        var value: UInt64 = (raw.last ?? 0) >= 0x80 ? .max : 0
        for byte in raw.reversed() { value = value << 8 | UInt64(byte) }
        return Int(Int64(bitPattern: value))
    }

    /// Text of `count` bytes; bytes that are not UTF-8 become replacement characters.
    mutating func text(_ count: Int) throws(PickleFailure) -> String { String(decoding: try data(count), as: UTF8.self) }

    /// The text up to the next line feed, which is consumed.
    mutating func line() throws(PickleFailure) -> String {
        let start = position
        while try byte() != UInt8(ascii: "\n") {}
        return String(decoding: bytes[start..<position - 1], as: UTF8.self)
    }
}
