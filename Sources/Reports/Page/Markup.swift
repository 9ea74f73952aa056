// Small pieces of HTML and SVG text. Invariant: text from data goes through `escaped` before it becomes markup.
import Foundation

package enum Markup {
    /// The text with the special characters of HTML escaped, for content and for quoted attributes. Characters that no document may contain
    /// become blanks.
    package static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case _ where scalar.value < 32 && scalar != "\n" && scalar != "\t" || scalar.value == 127: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A number with `digits` digits after the point, without trailing zeros.
    package static func number(_ value: Double, digits: Int = 1) -> String {
        var text = String(format: "%.\(digits)f", value)
        if text.contains(".") {
            while text.hasSuffix("0") { text.removeLast() }
            if text.hasSuffix(".") { text.removeLast() }
        }
        return text == "-0" ? "0" : text
    }

    /// A share as a percentage.
    package static func percent(_ share: Double, digits: Int = 1) -> String { String(format: "%.\(digits)f", share * 100) + "&thinsp;%" }

    /// Rows of cells; the first cell of a row is its heading. The cells are already markup.
    package static func table(_ head: [String], _ rows: [[String]], numeric: Bool = true) -> String {
        let heading = head.map { "<th scope=col>\($0)</th>" }.joined()
        let body = rows.map { row in
            "<tr><th scope=row>\(row.first ?? "")</th>" + row.dropFirst().map { "<td>\($0)</td>" }.joined() + "</tr>"
        }
        return
            "<div class=scroll><table\(numeric ? " class=numbers" : "")><thead><tr>\(heading)</tr></thead>"
            + "<tbody>\(body.joined())</tbody></table></div>"
    }

    package static func section(_ id: String, _ title: String, _ content: String) -> String {
        "<section id=\(id)><h2>\(title)</h2>\(content)</section>\n"
    }

    package static func figure(_ title: String, _ note: String, _ content: String, wide: Bool = false) -> String {
        "<figure class=\"plot\(wide ? " wide" : "")\"><figcaption><b>\(title)</b>"
            + "\(note.isEmpty ? "" : "<span>\(note)</span>")</figcaption>\(content)</figure>"
    }
}
