// The README says what the scripts do: the table of system packages and the first commands. Whether references lead somewhere is
// ReferenceTests'.
import Foundation
import Testing

@Suite struct DocumentationTests {
    private func text(_ path: String) throws -> String { try DocumentTree.text(path) }

    @Test func theReadmeListsExactlyThePackagesOfSetup() throws {
        let setup = try text("Scripts/setup.sh")
        let block = try #require(setup.components(separatedBy: "packages=\"\n").last?.components(separatedBy: "\n\"").first)
        let installed = block.split(separator: "\n").map { String($0.prefix { $0 != " " }) }
        let table = try #require(try text("README.md").components(separatedBy: "## System packages").last)
        let documented = table.split(separator: "\n").filter { $0.hasPrefix("| `") }
            .map { String($0.dropFirst(3).prefix { $0 != "`" }) }
        #expect(installed.count > 10)
        #expect(documented == installed)
    }

    /// The first section, right below the title and the picture, holds the two commands.
    @Test func theReadmeOpensWithCommandsThatExist() throws {
        let opening = try text("README.md").components(separatedBy: "\n## ").prefix(2).joined()
        for script in ["Scripts/quickstart.sh", "Scripts/test.sh"] {
            #expect(opening.contains(script))
            #expect(FileManager.default.isExecutableFile(atPath: DocumentTree.root.appendingPathComponent(script).path))
        }
    }

    @Test func everyDocumentSaysWhoItIsFor() throws {
        for path in DocumentTree.documents() {
            let lines = try text(path).components(separatedBy: "\n")
            let audience = lines.count > 2 ? lines[2] : ""
            #expect(
                audience.hasPrefix("For ") || audience.hasPrefix("Lab notes:"),
                "\(path), line 3: expected who the page is for, found \"\(audience)\"")
        }
    }

    /// What was wanted, met or missed is the journal's.
    @Test func acceptanceTargetsStandInTheJournalAlone() throws {
        for path in DocumentTree.documents() + ["README.md"] where !path.hasPrefix(DocumentTree.documentFolder + "journal/") {
            let page = try text(path)
            #expect(!page.contains("| wanted"), "\(path) has a column of wanted figures")
        }
    }
}
