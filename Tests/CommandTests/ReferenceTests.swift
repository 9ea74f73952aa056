// Every reference leads somewhere: links of the documents, documents named in code, source files named in documents. And every document can
// be reached from the README by links. Not for addresses on the web. Invariant: nothing is fetched, and the tests need no build products.
import Foundation
import Testing

@Suite struct ReferenceTests {
    /// Documents that may be named in capitals, and the placeholder for any name.
    private static let topDocuments = ["README", "CHANGELOG", "CONTRIBUTING", "NAME"]

    @Test func linksLeadSomewhere() throws {
        for path in DocumentTree.linkedPages() {
            for link in Links.of(try DocumentTree.text(path), in: path) {
                #expect(DocumentTree.exists(link.path), "\(path) links to \(link.path), which is not there")
                guard let anchor = link.anchor, link.path.hasSuffix(".md"), DocumentTree.exists(link.path) else { continue }
                #expect(
                    Links.anchors(of: try DocumentTree.text(link.path)).contains(anchor),
                    "\(path) links to \(link.path)#\(anchor), a heading that is not there")
            }
        }
    }

    @Test func everyDocumentIsReachedFromTheReadme() throws {
        var reached: Set<String> = ["README.md"], waiting = ["README.md"]
        while let path = waiting.popLast() {
            for link in Links.of(try DocumentTree.text(path), in: path) where link.path.hasSuffix(".md") && DocumentTree.exists(link.path) {
                if reached.insert(link.path).inserted { waiting.append(link.path) }
            }
        }
        for path in DocumentTree.linkedPages() { #expect(reached.contains(path), "no link leads from README.md to \(path)") }
    }

    @Test func documentsThatCodeNamesAreThere() throws {
        let endings = [".md", ".png", ".svg"]
        for path in DocumentTree.texts() {
            for named in Mentions.after(DocumentTree.documentFolder, in: try DocumentTree.text(path))
            where endings.contains(where: { named.hasSuffix($0) }) {
                #expect(named.contains("NAME") || DocumentTree.exists(named), "\(path) names \(named), which is not there")
            }
        }
    }

    @Test func filesThatDocumentsNameAreThere() throws {
        // CHANGELOG.md and the journal tell of the past, whose files may be gone.
        let pages = DocumentTree.linkedPages().filter { $0 != "CHANGELOG.md" && !$0.hasPrefix(DocumentTree.documentFolder + "journal/") }
        for path in pages {
            let text = try DocumentTree.text(path)
            for named in ["Sources/", "Tests/", "Scripts/", "Benchmarks/"].flatMap({ Mentions.after($0, in: text) }) {
                #expect(named.contains("NAME") || DocumentTree.exists(named), "\(path) names \(named), which is not there")
            }
        }
    }

    /// A document of another place, cited in capitals, says nothing to a reader of this one.
    @Test func noDocumentFromElsewhereIsCited() throws {
        for path in DocumentTree.texts() {
            for name in Mentions.capitalisedDocuments(in: try DocumentTree.text(path)) {
                #expect(Self.topDocuments.contains(name), "\(path) cites \(name).md, which is no document of this project")
            }
        }
    }
}

/// Links of Markdown: [text](target) and ![text](target).
private enum Links {
    struct Link {
        let path: String
        let anchor: String?
    }

    /// Targets as paths from the project's folder; addresses on the web are left out.
    static func of(_ text: String, in path: String) -> [Link] {
        let folder = path.contains("/") ? String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)) + "/" : ""
        return text.components(separatedBy: "](").dropFirst().compactMap { part in
            let target = String(part.prefix { $0 != ")" && $0 != " " && $0 != "\n" })
            if target.isEmpty || target.contains("://") || target.hasPrefix("mailto:") { return nil }
            let pieces = target.components(separatedBy: "#")
            let anchor = pieces.count > 1 ? pieces[1] : nil
            return Link(path: pieces[0].isEmpty ? path : resolved(folder + pieces[0]), anchor: anchor)
        }
    }

    /// Takes out `.` and `..`.
    private static func resolved(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

    /// The anchors that GitHub gives to headings: lower case, blanks as dashes, without punctuation.
    static func anchors(of text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
                let heading = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
                return String(
                    heading.compactMap { character -> Character? in
                        if character == " " { return "-" }
                        return character.isLetter || character.isNumber || character == "-" || character == "_" ? character : nil
                    })
            })
    }
}

/// Paths and documents that a text names in passing.
private enum Mentions {
    /// Whole paths that begin with `start`, a folder's name and a slash; a full stop at the end is the sentence's.
    static func after(_ start: String, in text: String) -> [String] {
        // Each part follows a `start` that begins a path; one within a longer path or an address is put back.
        var parts: [String] = []
        for piece in text.components(separatedBy: start) {
            if let last = parts.last?.last, last.isLetter || last.isNumber || "/_-".contains(last) {
                parts[parts.count - 1] += start + piece
            } else {
                parts.append(piece)
            }
        }
        return parts.dropFirst().compactMap { part in
            var rest = part.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "_+-./".contains($0)) }
            // A pattern such as NAME*.swift or a shell's variable is no path.
            if let next = part[rest.endIndex...].first, "*<{$".contains(next) { return nil }
            while let last = rest.last, last == "." || last == "/" { rest.removeLast() }
            return rest.isEmpty ? nil : start + String(rest)
        }
    }

    /// Names of documents in capitals, without folder and ending.
    static func capitalisedDocuments(in text: String) -> [String] {
        let parts = text.components(separatedBy: ".md")
        return zip(parts, parts.dropFirst()).compactMap { before, after in
            if let next = after.first, next.isLetter || next.isNumber { return nil }
            let name = String(before.reversed().prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) }.reversed())
            return name.count > 1 && name.contains { $0.isLetter } && name == name.uppercased() ? name : nil
        }
    }
}
