// Text made fit for a terminal or a log: what a terminal would obey, or what turns the reading direction, is shown as an escape instead.
// File names and captions come from other people; a name must not move the cursor, hide itself or pass for a line of the program's own.
// Not for files that programs read: only the words of JSON are escaped, in JSON's own way (`json`).
// Invariant: what comes out holds no control character but the line feeds that `lines` keeps.

public enum Printable {
    /// One line: line feeds are escaped too, so that a name cannot begin a line of its own.
    public static func line(_ text: String) -> String { escaped(text, keepsLineFeeds: false, escape: shown) }

    /// Text of several lines, whose line feeds are the writer's own.
    public static func lines(_ text: String) -> String { escaped(text, keepsLineFeeds: true, escape: shown) }

    /// JSON text: its strings may hold such characters raw, as JSON allows; they become \u escapes, which mean the same.
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
        // Nearly all text is plain.
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

    /// Control characters, the separators of lines and paragraphs, and what steers the reading direction or is not seen at all.
    private static func isActive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        case 0x61C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F: true
        default: false
        }
    }
}

/// An error whose message has several lines: a headline and a list. Any other error is one line, whatever the names in it hold.
public protocol LinedError: Error {
    var lines: [String] { get }
}
