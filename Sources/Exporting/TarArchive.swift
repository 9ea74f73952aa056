// Writes members of a tar file (POSIX ustar; names beyond 100 bytes in a pax header). Times, owners and modes are fixed, so that the same
// content gives the same bytes.

struct TarArchive {
    private static let block = 512
    private(set) var bytes: [UInt8] = []

    /// Two blocks of zeros end an archive.
    static let end = [UInt8](repeating: 0, count: 2 * block)

    mutating func append(_ name: String, _ content: [UInt8]) {
        if name.utf8.count > 100 {
            // "LENGTH path=NAME\n"; LENGTH includes its own digits.
            let rest = " path=\(name)\n"
            var length = rest.utf8.count + 1
            while String(length).utf8.count + rest.utf8.count != length { length = String(length).utf8.count + rest.utf8.count }
            add("pax/header", Array((String(length) + rest).utf8), kind: UInt8(ascii: "x"))
        }
        add(name, content, kind: UInt8(ascii: "0"))
    }

    private mutating func add(_ name: String, _ content: [UInt8], kind: UInt8) {
        var header = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: [UInt8], at start: Int, limit: Int) {
            for (index, byte) in text.prefix(limit).enumerated() { header[start + index] = byte }
        }
        /// Octal digits, then a zero byte.
        func octal(_ value: Int, digits: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
        }
        put(Array(name.utf8), at: 0, limit: 100)
        put(octal(0o644, digits: 7), at: 100, limit: 7)
        put(octal(0, digits: 7), at: 108, limit: 7)
        put(octal(0, digits: 7), at: 116, limit: 7)
        put(octal(content.count, digits: 11), at: 124, limit: 11)
        put(octal(0, digits: 11), at: 136, limit: 11)
        put(Array("        ".utf8), at: 148, limit: 8)
        header[156] = kind
        put(Array("ustar\u{0}00".utf8), at: 257, limit: 8)
        let sum = header.reduce(0) { $0 + Int($1) }
        put(octal(sum, digits: 6) + [0, 32], at: 148, limit: 8)
        bytes += header + content
        let excess = content.count % Self.block
        if excess > 0 { bytes += [UInt8](repeating: 0, count: Self.block - excess) }
    }
}
