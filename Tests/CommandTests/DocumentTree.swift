// The project's own texts, for the tests of documents and references: what documents there are, and what code and scripts. Paths are from
// the project's folder. Not for golden values and fuzzing inputs, which are data.
import Foundation

enum DocumentTree {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let documentFolder = "docs/"

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path) }

    /// All pages below docs/.
    static func documents() -> [String] { files(below: "docs").filter { $0.hasSuffix(".md") } }

    /// The pages that readers come across.
    static func linkedPages() -> [String] { ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"] + documents() }

    /// Everything that people write here: documents, code, scripts, tests.
    static func texts() -> [String] {
        let endings = [".swift", ".c", ".h", ".cpp", ".cu", ".cuh", ".py", ".sh"]
        let code = ["Sources", "Tests", "Scripts", "Benchmarks"].flatMap(files(below:)).filter { path in
            endings.contains { path.hasSuffix($0) }
        }
        let snapshots = files(below: "Tests/CommandTests/Snapshots")
        return linkedPages() + ["Package.swift", ".ci/run"] + code + snapshots
    }

    private static func files(below folder: String) -> [String] {
        let data: Set<String> = ["Golden", "Seeds", "Findings", "__pycache__"]
        let names = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)?.compactMap { $0 as? String } ?? []
        return names.filter { name in !name.split(separator: "/").contains { data.contains(String($0)) } }.map { folder + "/" + $0 }
            .filter { path in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path, isDirectory: &isFolder)
                    && !isFolder.boolValue
            }
            .sorted()
    }
}
