// The README says what the scripts do: the table of system packages and the first commands.
import Foundation
import Testing

@Suite struct DocumentationTests {
    private let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: package.appendingPathComponent(path), encoding: .utf8)
    }

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

    @Test func theReadmeOpensWithCommandsThatExist() throws {
        let readme = try text("README.md")
        for script in ["Scripts/quickstart.sh", "Scripts/test.sh"] {
            #expect(readme.components(separatedBy: "## ").first?.contains(script) == true)
            #expect(FileManager.default.isExecutableFile(atPath: package.appendingPathComponent(script).path))
        }
    }

    @Test func linksLeadSomewhere() throws {
        for path in ["README.md", "docs/architecture.md"] {
            for part in try text(path).components(separatedBy: "](").dropFirst() {
                let target = String(part.prefix { $0 != ")" })
                if target.hasPrefix("http") { continue }
                let base = package.appendingPathComponent(path).deletingLastPathComponent()
                #expect(FileManager.default.fileExists(atPath: base.appendingPathComponent(target).path), "\(path): \(target)")
            }
        }
    }
}
