// The beginning of a file, and the few questions that tell what the file is. Not for what the user should do about it (ForeignContent).
// Invariant: returned texts are printable ASCII, whatever the file holds.

struct ContentStart {
    let count: Int
    /// The first bytes, without a UTF-8 byte order mark.
    let head: [UInt8]
    /// The first bytes as lower-case ASCII text, without leading blanks; other characters are "?".
    let text: String
    /// Whether the beginning is text: its only control characters are tabs and line ends, and its non-ASCII bytes are valid UTF-8.
    let isText: Bool
    /// Number of zero bytes at the beginning.
    let zeroStart: Int
    var allZero: Bool { zeroStart == count }
    private let asWritten: String

    init(_ bytes: [UInt8]) {
        count = bytes.count
        zeroStart = bytes.firstIndex { $0 != 0 } ?? bytes.count
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) && bytes.count > 3 ? bytes.dropFirst(3) : bytes[...]
        head = Array(body.prefix(2048))
        let start = head.prefix(64)
        // The last character may be cut.
        isText =
            start.allSatisfy { $0 >= 32 && $0 != 127 || [9, 10, 13].contains($0) }
            && String(decoding: start, as: UTF8.self).dropLast(1).allSatisfy { $0 != "\u{FFFD}" }
        let printable = head.drop { $0 <= 32 }.map { (32..<127).contains($0) ? $0 : $0 < 32 ? 32 : UInt8(ascii: "?") }
        asWritten = String(decoding: printable, as: UTF8.self)
        text = asWritten.lowercased()
    }

    func starts(_ bytes: [UInt8], at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: bytes) }
    func has(_ text: String, at offset: Int = 0) -> Bool { starts(Array(text.utf8), at: offset) }

    func hex(_ limit: Int) -> String {
        let digits = Array("0123456789abcdef")
        return head.prefix(limit).map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined(separator: " ")
    }

    /// The first words, for a message.
    var shown: String { String(asWritten.prefix(24)) }

    /// The text between a tag and its end tag.
    func element(_ name: String) -> String? {
        guard let from = text.range(of: "<\(name)>"), let to = text.range(of: "</\(name)>", in: from.upperBound..<text.endIndex) else {
            return nil
        }
        // Lower case keeps the position of every ASCII character.
        let words = asWritten[from.upperBound..<to.lowerBound].split(separator: " ").joined(separator: " ")
        return words.isEmpty ? nil : String(words.prefix(60))
    }

    var title: String? { element("title") }

    /// DICOM without the usual 128 bytes before it: begins with an element of group 2 or 8.
    var isBareDICOM: Bool {
        guard head.count > 132, head[1] == 0, head[0] == 2 || head[0] == 8, head[3] == 0 else { return false }
        return ["UL", "OB", "CS", "UI", "LO", "SH", "DA", "TM"].contains { has($0, at: 4) }
    }

    var isNIfTI: Bool {
        starts([0x6E, 0x2B, 0x31, 0], at: 344) || starts([0x6E, 0x69, 0x31, 0], at: 344) || starts([0x6E, 0x2B, 0x32, 0], at: 4)
    }

    /// "P1" to "P7" and a blank.
    var isPortableMap: Bool {
        head.count > 3 && head[0] == UInt8(ascii: "P") && (0x31...0x37).contains(head[1]) && [9, 10, 13, 32].contains(head[2])
    }

    /// The name of the original file that a gzip header states.
    var gzipName: String? {
        guard head.count > 11, head[3] & 0x0C == 8 else { return nil }
        return Self.name(head[10...].prefix { $0 != 0 })
    }

    /// The name of a ZIP archive's first member.
    var zipMember: String? {
        guard head.count > 30 else { return nil }
        return Self.name(head[30...].prefix(Int(head[26]) | Int(head[27]) << 8))
    }

    private static func name(_ bytes: ArraySlice<UInt8>) -> String? {
        bytes.isEmpty ? nil : String(decoding: bytes.prefix(60).map { (33..<127).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}

extension String {
    /// The first occurrence of a text, found without Foundation.
    fileprivate func range(of wanted: String, in range: Range<String.Index>? = nil) -> Range<String.Index>? {
        let range = range ?? startIndex..<endIndex
        var start = range.lowerBound
        while start < range.upperBound {
            if self[start..<range.upperBound].hasPrefix(wanted) { return start..<index(start, offsetBy: wanted.count) }
            start = index(after: start)
        }
        return nil
    }
}
