// A strict JSON reader (RFC 8259) for files that people write. It keeps what Foundation drops: the order of keys, repeated keys, and the
// line of each value. Errors state line and column. NaN, Infinity and -Infinity, which Python writes, count as missing values.
//
// Invariants: nesting and the number of values are limited, so no input overflows the stack or the memory. Columns count scalars from 1.

/// A JSON value and the line on which it begins.
package struct JSONNode: Sendable {
    package enum Value: Sendable {
        case null
        /// NaN, Infinity or -Infinity: not valid JSON, but Python's json.dump writes them for missing numbers.
        case missing(String)
        case bool(Bool)
        case number(String)
        case string(String)
        case array([JSONNode])
        case object([(key: String, value: JSONNode)])
    }
    package let value: Value
    package let line: Int

    package init(value: Value, line: Int) {
        self.value = value
        self.line = line
    }

    /// The kind in words, for messages.
    package var kind: String {
        switch value {
        case .null: return "null"
        case .missing(let word): return word
        case .bool: return "true or false"
        case .number: return "a number"
        case .string: return "a string"
        case .array: return "a list"
        case .object: return "an object"
        }
    }

    package var string: String? { if case .string(let text) = value { text } else { nil } }
    /// The word for a missing value: null, NaN, Infinity.
    package var missingWord: String? {
        switch value {
        case .null: "null"
        case .missing(let word): word
        default: nil
        }
    }
    package var array: [JSONNode]? { if case .array(let items) = value { items } else { nil } }
    package var object: [(key: String, value: JSONNode)]? { if case .object(let members) = value { members } else { nil } }

    /// The last member of that name, as in other readers.
    package subscript(key: String) -> JSONNode? { object?.last { $0.key == key }?.value }

    /// Whether the object has the key more than once with different texts, so that one of them would be lost.
    package func contradicts(itselfIn key: String) -> Bool {
        let values = (object ?? []).filter { $0.key == key }.map(\.value)
        guard let first = values.first, values.count > 1 else { return false }
        return first.string == nil || values.contains { $0.string != first.string }
    }
}

package struct JSONText {
    package struct Failure: Error {
        package let line: Int
        package let column: Int
        package let found: String
    }

    private static let depthLimit = 64
    /// A value of two bytes takes sixty bytes in memory, so the number of values is limited in addition to the file's size.
    package static let valueLimit = 16_000_000
    private let bytes: [UInt8]
    private let valueLimit: Int
    private var position: Int
    private var line = 1
    private var lineStart: Int
    private var valuesLeft: Int

    /// Parses the whole text; a byte order mark in front is skipped.
    package static func parse(_ bytes: [UInt8], valueLimit: Int = valueLimit) throws(Failure) -> JSONNode {
        var valuesLeft = valueLimit
        return try parse(bytes, line: 1, limit: valueLimit, &valuesLeft)
    }

    /// Parses one value per line. Blank lines are skipped; an error states the number of its line.
    package static func parseLines(_ bytes: [UInt8], valueLimit: Int = valueLimit) throws(Failure) -> [JSONNode] {
        var nodes: [JSONNode] = []
        var valuesLeft = valueLimit
        var line = 0
        for part in bytes.split(separator: 10, omittingEmptySubsequences: false) {
            line += 1
            if part.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
            nodes.append(try parse(Array(part), line: line, limit: valueLimit, &valuesLeft))
        }
        return nodes
    }

    private static func parse(_ bytes: [UInt8], line: Int, limit: Int, _ valuesLeft: inout Int) throws(Failure) -> JSONNode {
        var reader = JSONText(bytes, valueLimit: limit)
        reader.line = line
        reader.valuesLeft = valuesLeft
        defer { valuesLeft = reader.valuesLeft }
        try reader.skipBlanks()
        let node = try reader.value(depth: 0)
        try reader.skipBlanks()
        if reader.position < bytes.count { throw reader.failure("\(reader.here) after the end of the value") }
        return node
    }

    private init(_ bytes: [UInt8], valueLimit: Int) {
        self.bytes = bytes
        self.valueLimit = valueLimit
        valuesLeft = valueLimit
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        lineStart = position
    }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func failure(_ found: String) -> Failure {
        let end = min(position, bytes.count)
        let column = bytes[min(lineStart, end)..<end].reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
        return Failure(line: line, column: column, found: found)
    }

    /// The text at the position, in words.
    private var here: String {
        guard let byte else { return "the text ends" }
        return byte > 32 && byte < 127 ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }

    private mutating func skipBlanks() throws(Failure) {
        while let byte {
            switch byte {
            case 0x0A:
                line += 1
                lineStart = position + 1
            case 0x20, 0x09, 0x0D: break
            default: return
            }
            position += 1
        }
    }

    private mutating func value(depth: Int) throws(Failure) -> JSONNode {
        guard depth < Self.depthLimit else { throw failure("lists or objects nested more than \(Self.depthLimit) deep") }
        valuesLeft -= 1
        guard valuesLeft >= 0 else { throw failure("more than \(valueLimit) values, the most that a file may hold") }
        let start = line
        switch byte {
        case UInt8(ascii: "{"): return JSONNode(value: .object(try object(depth: depth)), line: start)
        case UInt8(ascii: "["): return JSONNode(value: .array(try array(depth: depth)), line: start)
        case UInt8(ascii: "\""): return JSONNode(value: .string(try string()), line: start)
        case UInt8(ascii: "t"): return JSONNode(value: try word("true", .bool(true)), line: start)
        case UInt8(ascii: "f"): return JSONNode(value: try word("false", .bool(false)), line: start)
        case UInt8(ascii: "n"): return JSONNode(value: try word("null", .null), line: start)
        case UInt8(ascii: "N"): return JSONNode(value: try word("NaN", .missing("NaN")), line: start)
        case UInt8(ascii: "I"): return JSONNode(value: try word("Infinity", .missing("Infinity")), line: start)
        case UInt8(ascii: "-") where position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "I"):
            return JSONNode(value: try word("-Infinity", .missing("-Infinity")), line: start)
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
            return JSONNode(value: .number(try number()), line: start)
        default: throw failure("\(here) where a value was expected")
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> [(key: String, value: JSONNode)] {
        var members: [(key: String, value: JSONNode)] = []
        position += 1
        try skipBlanks()
        if byte == UInt8(ascii: "}") {
            position += 1
            return members
        }
        while true {
            guard byte == UInt8(ascii: "\"") else { throw failure("\(here) where a quoted key was expected") }
            let key = try string()
            try skipBlanks()
            guard byte == UInt8(ascii: ":") else { throw failure("\(here) where ':' was expected") }
            position += 1
            try skipBlanks()
            members.append((key, try value(depth: depth + 1)))
            if try !goesOn(until: UInt8(ascii: "}"), in: "object") { return members }
        }
    }

    private mutating func array(depth: Int) throws(Failure) -> [JSONNode] {
        var items: [JSONNode] = []
        position += 1
        try skipBlanks()
        if byte == UInt8(ascii: "]") {
            position += 1
            return items
        }
        while true {
            items.append(try value(depth: depth + 1))
            if try !goesOn(until: UInt8(ascii: "]"), in: "list") { return items }
        }
    }

    /// After a member: true behind a comma, false behind the closing bracket.
    private mutating func goesOn(until close: UInt8, in what: String) throws(Failure) -> Bool {
        try skipBlanks()
        if byte == close {
            position += 1
            return false
        }
        guard byte == UInt8(ascii: ",") else {
            throw failure("\(here) where ',' or '\(Character(Unicode.Scalar(close)))' was expected in the \(what)")
        }
        position += 1
        try skipBlanks()
        return true
    }

    private mutating func word(_ text: String, _ value: JSONNode.Value) throws(Failure) -> JSONNode.Value {
        for expected in text.utf8 {
            guard byte == expected else { throw failure("\(here) within what began like \(text)") }
            position += 1
        }
        return value
    }

    private mutating func number() throws(Failure) -> String {
        let start = position
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { $0 >= 48 && $0 <= 57 } ?? false }
        if byte == UInt8(ascii: "-") { position += 1 }
        guard isDigit(byte) else { throw failure("\(here) where a digit was expected") }
        let first = position
        while isDigit(byte) { position += 1 }
        if bytes[first] == 48 && position > first + 1 { throw failure("a number with a leading zero") }
        if byte == UInt8(ascii: ".") {
            position += 1
            guard isDigit(byte) else { throw failure("\(here) where a digit was expected") }
            while isDigit(byte) { position += 1 }
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            position += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            guard isDigit(byte) else { throw failure("\(here) where a digit was expected") }
            while isDigit(byte) { position += 1 }
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func string() throws(Failure) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else { throw failure("a string that is not UTF-8") }
                position += 1
                return result
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &text)
            case 0..<0x20: throw failure("a line break or control character within a string")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw failure("the text ends within a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws(Failure) {
        let escapes: [UInt8: UInt8] = [
            UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12,
            UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
        ]
        if let byte, let plain = escapes[byte] {
            text.append(plain)
            position += 1
            return
        }
        guard byte == UInt8(ascii: "u") else { throw failure("\(here) after '\\'") }
        position += 1
        var value = try hexadecimal()
        if value >= 0xD800 && value < 0xDC00 {
            guard byte == UInt8(ascii: "\\"), position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "u") else {
                throw failure("half of a surrogate pair")
            }
            position += 2
            let low = try hexadecimal()
            guard low >= 0xDC00 && low < 0xE000 else { throw failure("half of a surrogate pair") }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw failure("half of a surrogate pair") }
        text.append(contentsOf: String(scalar).utf8)
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("\(here) where a hexadecimal digit was expected")
            }
            value = value << 4 + UInt32(digit)
            position += 1
        }
        return value
    }
}
