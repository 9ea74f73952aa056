// Nothing that a terminal would obey comes out of a name or caption; plain text stays as it is.
import Files
import Testing

@Suite struct PrintableTests {
    @Test(arguments: [
        ("plain text, 100 %", "plain text, 100 %"), ("Jürgen 画像 naïve 🙂", "Jürgen 画像 naïve 🙂"), ("a\nb", "a\\nb"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u{1B}[2J\u{1B}]0;title\u{7}", "\\u{1b}[2J\\u{1b}]0;title\\u{7}"), ("\u{9B}31m", "\\u{9b}31m"), ("\u{7F}", "\\u{7f}"),
        ("polyp\u{202E}gnp.exe", "polyp\\u{202e}gnp.exe"), ("a\u{2066}b\u{2069}", "a\\u{2066}b\\u{2069}"),
        ("a\u{2028}b\u{2029}c\u{85}", "a\\u{2028}b\\u{2029}c\\u{85}"),
        ("می\u{200C}خواهم", "می\u{200C}خواهم"),
    ])
    func oneLine(text: String, shown: String) { #expect(Printable.line(text) == shown) }

    @Test func linesKeepTheirOwnFeeds() {
        #expect(Printable.lines("a\nb\u{1B}[0m\n") == "a\nb\\u{1b}[0m\n")
        #expect(Printable.json("{\"a\": \"\u{9B}\u{202E}\u{E0041}\"}\n") == "{\"a\": \"\\u009b\\u202e\\udb40\\udc41\"}\n")
    }

    @Test func noControlCharacterPasses() {
        for value in UInt32(0)..<0x3000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let line = Printable.line("x\(scalar)y")
            #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control || (0x202A...0x202E).contains($0.value) })
            #expect(line.unicodeScalars.first == "x" && line.unicodeScalars.last == "y")
        }
    }
}
