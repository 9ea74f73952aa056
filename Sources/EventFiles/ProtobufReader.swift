// Reads the fields of a protocol buffer message one after another. Fields that nobody asks for are passed over by the caller.
// Invariant: any bytes are read or refused; no stated length is believed before it is compared with what is there.

struct ProtobufReader {
    private let bytes: ArraySlice<UInt8>
    private var place: Int

    struct Field {
        let number: Int
        let value: Value
    }

    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes(ArraySlice<UInt8>)
    }

    /// The bytes are no message.
    struct Malformed: Error {}

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    /// The next field, or nil at the end.
    mutating func next() throws(Malformed) -> Field? {
        guard place < bytes.endIndex else { return nil }
        let key = try varint()
        guard key >> 3 > 0, key >> 3 < 1 << 29, let type = WireType(rawValue: UInt8(key & 7)) else { throw Malformed() }
        let number = Int(key >> 3)
        switch type {
        case .varint: return Field(number: number, value: .varint(try varint()))
        case .fixed64: return Field(number: number, value: .fixed64(Self.little(try take(8))))
        case .fixed32: return Field(number: number, value: .fixed32(UInt32(truncatingIfNeeded: Self.little(try take(4)))))
        case .bytes:
            let length = try varint()
            guard length <= UInt64(bytes.endIndex - place) else { throw Malformed() }
            return Field(number: number, value: .bytes(try take(Int(length))))
        }
    }

    private mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        guard count <= bytes.endIndex - place else { throw Malformed() }
        defer { place += count }
        return bytes[place..<place + count]
    }

    private mutating func varint() throws(Malformed) -> UInt64 {
        var value: UInt64 = 0, shift: UInt64 = 0
        while place < bytes.endIndex, shift < 70 {
            let byte = bytes[place]
            place += 1
            // The tenth byte has room for one bit.
            if shift == 63, byte > 1 { throw Malformed() }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Malformed()
    }

    static func little(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}

extension ProtobufReader.Value {
    var integer: Int? { if case .varint(let value) = self { Int(Int64(bitPattern: value)) } else { nil } }
    var double: Double? { if case .fixed64(let value) = self { Double(bitPattern: value) } else { nil } }
    var float: Float? { if case .fixed32(let value) = self { Float(bitPattern: value) } else { nil } }
    var data: ArraySlice<UInt8>? { if case .bytes(let value) = self { value } else { nil } }
    var text: String? { data.flatMap { String(validating: $0, as: UTF8.self) } }
}
