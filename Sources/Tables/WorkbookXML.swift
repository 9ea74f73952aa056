// The XML parts of a workbook, each read by a small handler: relationships, the list of sheets, styles, shared strings (a sheet's cells:
// SheetReader.swift). Element names are compared without their namespace prefix. External entities are never followed.
// Foundation's parser traps on a name that is not UTF-8, so it receives only text that was checked, re-encoded and cleaned here
// (XMLCleaning.swift).
import Foundation
import FoundationXML

struct XMLFailure: Error { let part: String, line: Int }

/// Parses one part; subclasses take what they need from it.
class PartReader: NSObject, XMLParserDelegate {
    /// The text of a sheet lies nine levels deep. Foundation itself has no limit.
    private static let depthLimit = 256
    private var depth = 0
    private var isTooDeep = false
    private var elements = 0

    func parse(_ bytes: [UInt8], part: String) throws {
        let parser = XMLParser(data: Data(try XMLCleaning.cleaned(Array(Self.checkedText(bytes, part: part).utf8), part: part)))
        parser.shouldResolveExternalEntities = false
        parser.delegate = self
        // The parser accepts a text that ends early as well formed, so the elements are counted.
        let whole = parser.parse()
        if isEnough { return }
        if isTooDeep { throw ZipArchive.Failure(reason: "its part \(part) has elements nested more than \(Self.depthLimit) deep") }
        if !whole || parser.parserError != nil || depth != 0 || elements == 0 {
            throw XMLFailure(part: part, line: max(1, parser.lineNumber))
        }
    }

    /// The part as text, without its XML declaration: UTF-8, or UTF-16 with a byte order mark, as the format requires.
    private static func checkedText(_ bytes: [UInt8], part: String) throws -> String {
        let text: String?
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            let little = bytes[0] == 0xFF
            let units = stride(from: 2, to: bytes.count - 1, by: 2).map { index in
                let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
                return little ? first | second << 8 : first << 8 | second
            }
            text = String(validating: units, as: UTF16.self)
        } else {
            text = String(validating: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...], as: UTF8.self)
        }
        guard let text else { throw XMLFailure(part: part, line: 1) }
        guard text.hasPrefix("<?xml"), let end = text.utf8.firstIndex(of: UInt8(ascii: ">")) else { return text }
        return String(text[text.index(after: end)...])
    }

    func began(_ element: Substring, _ attributes: [String: String]) {}
    func ended(_ element: Substring) {}
    /// Asked after every element: true if the rest of the part is not needed.
    var isEnough: Bool { false }
    func text(_ text: String) {}

    static func local(_ name: String) -> Substring { name.lastIndex(of: ":").map { name[name.index(after: $0)...] } ?? name[...] }

    final func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        depth += 1
        elements += 1
        if depth > Self.depthLimit, !isTooDeep {
            isTooDeep = true
            parser.abortParsing()
        }
        began(Self.local(name), attributes)
    }

    final func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        depth -= 1
        ended(Self.local(name))
        if isEnough { parser.abortParsing() }
    }

    final func parser(_ parser: XMLParser, foundCharacters string: String) { text(string) }

    final func parser(_ parser: XMLParser, foundCDATA block: Data) { text(String(decoding: block, as: UTF8.self)) }
}

final class RelationshipReader: PartReader {
    private(set) var items: [(id: String, type: String, target: String)] = []

    override func began(_ element: Substring, _ attributes: [String: String]) {
        guard element == "Relationship" else { return }
        items.append((attributes["Id"] ?? "", attributes["Type"] ?? "", attributes["Target"] ?? ""))
    }
}

final class WorkbookReader: PartReader {
    private(set) var sheets: [(name: String, relationship: String, isHidden: Bool)] = []
    /// Whether dates count from 1904.
    private(set) var date1904 = false

    override func began(_ element: Substring, _ attributes: [String: String]) {
        if element == "workbookPr" { date1904 = ["1", "true"].contains(attributes["date1904"] ?? "") }
        guard element == "sheet" else { return }
        let relationship = attributes.first { $0.key.hasSuffix(":id") }?.value ?? ""
        sheets.append((attributes["name"] ?? "", relationship, ["hidden", "veryHidden"].contains(attributes["state"] ?? "")))
    }
}

/// The number format of each cell style.
final class StylesReader: PartReader {
    private var custom: [String: String] = [:]
    private var styles: [String] = []
    private var inCells = false

    override func began(_ element: Substring, _ attributes: [String: String]) {
        switch element {
        case "numFmt": custom[attributes["numFmtId"] ?? ""] = attributes["formatCode"] ?? ""
        case "cellXfs": inCells = true
        case "xf": if inCells { styles.append(attributes["numFmtId"] ?? "0") }
        default: break
        }
    }

    override func ended(_ element: Substring) { if element == "cellXfs" { inCells = false } }

    /// The format code for a cell's style number; General if there is none.
    func format(ofStyle style: Int) -> String {
        guard styles.indices.contains(style) else { return "General" }
        let id = styles[style]
        if let code = custom[id] { return code }
        return switch Int(id) ?? 0 {
        case 1: "0"
        case 2: "0.00"
        case 3, 37, 38: "#,##0"
        case 4, 39, 40, 41, 42, 43, 44: "#,##0.00"
        case 9: "0%"
        case 10: "0.00%"
        case 11, 48: "0.00E+00"
        case 12, 13: "# ?/?"
        // Dates and times whose text depends on the language.
        case 14...22, 27...36, 45...47, 50...58: "m/d/yy"
        case 49: "@"
        default: "General"
        }
    }
}

/// Collects the text of <t> elements: rich text runs are joined, phonetic hints are dropped.
struct RichText {
    private(set) var text = ""
    private var inText = false
    private var phoneticDepth = 0

    mutating func began(_ element: Substring) {
        if element == "rPh" { phoneticDepth += 1 }
        if element == "t" { inText = phoneticDepth == 0 }
    }

    mutating func ended(_ element: Substring) {
        if element == "rPh" { phoneticDepth -= 1 }
        if element == "t" { inText = false }
    }

    mutating func append(_ more: String) { if inText { text += more } }

    /// The text with escaped control characters (`_x000D_`) decoded.
    var resolved: String {
        guard text.contains("_x00") else { return text }
        var result = text
        for value in UInt32(0)..<32 {
            let code = String(value, radix: 16, uppercase: true)
            let escape = "_x" + String(repeating: "0", count: 4 - code.count) + code + "_"
            if let scalar = Unicode.Scalar(value) { result = result.replacingOccurrences(of: escape, with: String(scalar)) }
        }
        return result.replacingOccurrences(of: "\r\n", with: "\n")
    }
}

final class SharedStringReader: PartReader {
    private(set) var strings: [String] = []
    private var current = RichText()

    override func began(_ element: Substring, _ attributes: [String: String]) {
        if element == "si" { current = RichText() } else { current.began(element) }
    }

    override func ended(_ element: Substring) {
        if element == "si" { strings.append(current.resolved) } else { current.ended(element) }
    }

    override func text(_ text: String) { current.append(text) }
}
