// The header of a .npy file: a Python dictionary of type, order and shape. Not for values (NPYArray). Invariant: text of any kind is read
// or refused; sizes that no file can hold are refused before anything is multiplied.

struct NPYHeader {
    /// As written, such as "<f4".
    private(set) var type = ""
    private(set) var isFortranOrder = false
    private(set) var shape: [Int] = []

    /// What is wrong with a header.
    struct Fault: Error { let reason: String }

    init(_ bytes: ArraySlice<UInt8>) throws(Fault) {
        var scanner = Scanner(bytes: bytes)
        var seen: Set<String> = []
        try scanner.take("{")
        while !scanner.takes("}") {
            let key = try scanner.text()
            guard seen.insert(key).inserted else { throw Fault(reason: "'\(key)' occurs twice") }
            try scanner.take(":")
            switch key {
            case "descr":
                if scanner.isAt("[") { throw Fault(reason: "its values are records of several fields; save one field's array") }
                type = try scanner.text()
            case "fortran_order": isFortranOrder = try scanner.truth()
            case "shape": shape = try scanner.sizes()
            default: throw Fault(reason: "it has an entry '\(key)' beside descr, fortran_order and shape")
            }
            if !scanner.takes(",") {
                try scanner.take("}")
                break
            }
        }
        guard scanner.isAtEnd else { throw Fault(reason: "there is something after its dictionary") }
        for key in ["descr", "fortran_order", "shape"] where !seen.contains(key) { throw Fault(reason: "it has no '\(key)'") }
        guard shape.count <= 32 else { throw Fault(reason: "it has \(shape.count) dimensions; at most 32 are read") }
    }
}

/// The few things of Python's grammar that a header holds.
private struct Scanner {
    private let bytes: ArraySlice<UInt8>
    private var place: Int

    init(bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    private mutating func skipSpace() {
        while place < bytes.endIndex, [9, 10, 13, 32].contains(bytes[place]) { place += 1 }
    }

    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return place == bytes.endIndex
        }
    }

    mutating func isAt(_ word: String) -> Bool {
        skipSpace()
        return bytes[place...].starts(with: word.utf8)
    }

    mutating func takes(_ word: String) -> Bool {
        guard isAt(word) else { return false }
        place += word.utf8.count
        return true
    }

    mutating func take(_ word: String) throws(NPYHeader.Fault) {
        guard takes(word) else { throw NPYHeader.Fault(reason: "no '\(word)' where one is expected") }
    }

    /// 'text' or "text", without escapes.
    mutating func text() throws(NPYHeader.Fault) -> String {
        skipSpace()
        guard place < bytes.endIndex, [UInt8(ascii: "'"), UInt8(ascii: "\"")].contains(bytes[place]) else {
            throw NPYHeader.Fault(reason: "no quoted text where one is expected")
        }
        let quote = bytes[place], rest = bytes[(place + 1)...]
        guard let end = rest.firstIndex(of: quote), rest[..<end].allSatisfy({ (32...126).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            throw NPYHeader.Fault(reason: "a text that does not end, or that is not ASCII")
        }
        place = end + 1
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    mutating func truth() throws(NPYHeader.Fault) -> Bool {
        if takes("True") { return true }
        guard takes("False") else { throw NPYHeader.Fault(reason: "'fortran_order' is neither True nor False") }
        return false
    }

    /// (2, 3), (2,) or (); old files write 2L.
    mutating func sizes() throws(NPYHeader.Fault) -> [Int] {
        try take("(")
        var sizes: [Int] = []
        while !takes(")") {
            let digits = bytes[place...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard !digits.isEmpty, digits.count <= 15, let size = Int(String(decoding: digits, as: UTF8.self)) else {
                throw NPYHeader.Fault(reason: "a size of the shape is not a whole number, or too large for a file")
            }
            place = digits.endIndex
            _ = takes("L")
            sizes.append(size)
            if !takes(",") {
                try take(")")
                break
            }
        }
        return sizes
    }
}
