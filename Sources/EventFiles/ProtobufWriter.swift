// Protocol buffers on the wire: numbers and bytes with their field numbers, one after another. Only what events need.
// Invariant: `bytes` holds whole fields, except inside the closure of `message`.

struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func key(_ field: Int, _ type: WireType) { varint(UInt64(field << 3 | Int(type.rawValue))) }

    mutating func integer(_ field: Int, _ value: Int) {
        key(field, .varint)
        varint(UInt64(bitPattern: Int64(value)))
    }

    mutating func float(_ field: Int, _ value: Float) {
        key(field, .fixed32)
        append(value.bitPattern)
    }

    mutating func double(_ field: Int, _ value: Double) {
        key(field, .fixed64)
        append(value.bitPattern)
    }

    mutating func text(_ field: Int, _ value: String) {
        key(field, .bytes)
        varint(UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    mutating func data(_ field: Int, _ value: [UInt8]) {
        key(field, .bytes)
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// A message within the message. Its length comes before it and is known after it, so a long one is moved once.
    mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
        key(field, .bytes)
        let place = bytes.count
        bytes.append(0)
        body(&self)
        let length = bytes.count - place - 1
        if length < 0x80 {
            bytes[place] = UInt8(length)
        } else {
            var prefix = ProtobufWriter()
            prefix.varint(UInt64(length))
            bytes.replaceSubrange(place...place, with: prefix.bytes)
        }
    }

    private mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A record around a message: its length, the length's checksum, the message, the message's checksum.
    mutating func record(_ body: (inout ProtobufWriter) -> Void) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: 12))
        body(&self)
        let length = bytes.count - start - 12
        replace(at: start, with: UInt64(length))
        replace(at: start + 8, with: CRC32C.masked(bytes[start..<start + 8]))
        append(CRC32C.masked(bytes[(start + 12)...]))
    }

    private mutating func replace<Value: FixedWidthInteger>(at place: Int, with value: Value) {
        for index in 0..<(Value.bitWidth / 8) { bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }

    /// Forgets the bytes and keeps their memory.
    mutating func empty() { bytes.removeAll(keepingCapacity: true) }
}

/// How a field's value is stored; the low three bits of its key.
enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
    case fixed32 = 5
}
