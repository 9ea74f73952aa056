// A strict scanner for the JSON of a safetensors header: objects, strings and arrays of non-negative integers, nothing else.
// A general JSON reader would hide duplicate names, which are an error here.

/// Reads tokens from the header's bytes; every failure names the byte position in the header.
struct HeaderScanner {
    struct Failure: Error {
        let position: Int
        let found: String
        let expected: String
    }

    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The byte after any white space, without consuming it; nil at the end.
    mutating func peek() -> UInt8? {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
        return position < bytes.count ? bytes[position] : nil
    }

    mutating func expect(_ character: Character, _ purpose: String) throws(Failure) {
        guard let byte = peek(), byte == character.asciiValue else { throw failure("`\(character)` \(purpose)") }
        position += 1
    }

    /// Consumes the character if it is next.
    mutating func take(_ character: Character) -> Bool {
        guard let byte = peek(), byte == character.asciiValue else { return false }
        position += 1
        return true
    }

    /// Reads `{ "key": value, ... }`; calls `value` after the colon of each key.
    mutating func object(
        _ purpose: String, _ value: (inout HeaderScanner, String) throws(Failure) -> Void
    ) throws(Failure) {
        try expect("{", purpose)
        if take("}") { return }
        repeat {
            let key = try string("a name in quotes")
            try expect(":", "after \"\(key)\"")
            try value(&self, key)
        } while take(",")
        try expect("}", "or `,` after a value")
    }

    mutating func string(_ purpose: String) throws(Failure) -> String {
        guard let quote = peek(), quote == UInt8(ascii: "\"") else { throw failure(purpose) }
        position += 1
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let string = String(validating: text, as: UTF8.self) else { throw failure("valid UTF-8 before this point") }
                return string
            case UInt8(ascii: "\\"):
                position += 1
                text.append(contentsOf: try escape())
            case 0..<0x20:
                throw failure("no control character in a string")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw failure("the end of a string")
    }

    mutating func integer(_ purpose: String) throws(Failure) -> Int {
        guard let first = peek(), (0x30...0x39).contains(first) else { throw failure("\(purpose), a whole number from 0") }
        var value = 0
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = scaled.addingReportingOverflow(Int(bytes[position] - 0x30))
            if overflow || carry { throw failure("\(purpose) that fits 63 bits") }
            value = sum
            position += 1
        }
        if first == 0x30 && position - start > 1 { throw failure("\(purpose) without leading zeros") }
        return value
    }

    mutating func integers(_ purpose: String) throws(Failure) -> [Int] {
        try expect("[", "before \(purpose)")
        if take("]") { return [] }
        var values: [Int] = []
        repeat { values.append(try integer(purpose)) } while take(",")
        try expect("]", "after \(purpose)")
        return values
    }

    /// The bytes of an escape; `position` is behind the backslash.
    private mutating func escape() throws(Failure) -> [UInt8] {
        guard position < bytes.count else { throw failure("a character after `\\`") }
        let byte = bytes[position]
        let plain: [UInt8: UInt8] = [
            0x22: 0x22, 0x5c: 0x5c, 0x2f: 0x2f, 0x62: 0x08, 0x66: 0x0c, 0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09,
        ]
        if let value = plain[byte] {
            position += 1
            return [value]
        }
        guard byte == UInt8(ascii: "u") else { throw failure("a JSON escape") }
        position += 1
        var code = try hexadecimal()
        if (0xd800..<0xdc00).contains(code) {
            guard position + 1 < bytes.count, bytes[position] == 0x5c, bytes[position + 1] == UInt8(ascii: "u") else {
                throw failure("the second half of a surrogate pair")
            }
            position += 2
            let low = try hexadecimal()
            guard (0xdc00..<0xe000).contains(low) else { throw failure("the second half of a surrogate pair") }
            code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw failure("a Unicode scalar") }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        guard position + 4 <= bytes.count,
            let text = String(validating: bytes[position..<position + 4], as: UTF8.self),
            text.allSatisfy(\.isHexDigit), let code = UInt32(text, radix: 16)
        else { throw failure("four hexadecimal digits") }
        position += 4
        return code
    }

    func failure(_ expected: String) -> Failure {
        guard position < bytes.count else { return Failure(position: position, found: "the end", expected: expected) }
        let byte = bytes[position]
        let printable = (0x21..<0x7f).contains(byte)
        let found = printable ? "`\(Character(Unicode.Scalar(byte)))`" : "byte \(byte)"
        return Failure(position: position, found: found, expected: expected)
    }
}
