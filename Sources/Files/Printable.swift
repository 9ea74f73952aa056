// Makes text safe for a terminal or a log: characters that a terminal would obey, or that change the reading direction, become escapes.
// File names and captions come from other people. A name must not move the cursor, hide itself or look like a line of the program.
// Not for files that programs read. In JSON only the strings are escaped, in JSON's own way (`json`).
// Invariant: the result holds no control characters except the line feeds that `lines` keeps.

public enum Printable {
    /// One line: line feeds are escaped too, so that a name cannot start a new line.
    public static func line(_ text: String) -> String { escaped(text, keepsLineFeeds: false, escape: shown) }

    /// Text of several lines: its line feeds come from the program and are kept.
    public static func lines(_ text: String) -> String { escaped(text, keepsLineFeeds: true, escape: shown) }

    /// JSON text: its strings may hold such characters unescaped. They become \u escapes, which mean the same.
    public static func json(_ text: String) -> String {
        escaped(text, keepsLineFeeds: true) { scalar in
            String(scalar).utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        }
    }

    private static func escaped(_ text: String, keepsLineFeeds: Bool, escape: (Unicode.Scalar) -> String) -> String {
        func stays(_ scalar: Unicode.Scalar) -> Bool { keepsLineFeeds && scalar == "\n" || !isActive(scalar) }
        // Fast path: nearly all text is plain.
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || keepsLineFeeds && $0 == 0x0A }) { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if stays(scalar) { result.append(scalar) } else { result.append(contentsOf: escape(scalar).unicodeScalars) }
        }
        return String(result)
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{" + String(scalar.value, radix: 16) + "}"
        }
    }

    /// Control characters, line and paragraph separators, and characters that are invisible or change the reading direction.
    private static func isActive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        case 0x61C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F: true
        default: false
        }
    }
}

/// An error whose message has several lines: a headline and a list. Any other error is shown as one line, whatever its names contain.
public protocol LinedError: Error {
    var lines: [String] { get }
}
