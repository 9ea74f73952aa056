// The C shims show Swift their own declarations alone: those of the libraries differ between versions in nullability and types, and a build
// that works with one version's headers fails with another's.
import Foundation
import Testing

@Suite struct ShimTests {
    @Test func noShimShowsALibrarysHeader() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources")
        let standard = ["<stddef.h>", "<stdint.h>", "<stdbool.h>"]
        var headers = 0
        for target in try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted() {
            let folder = sources.appendingPathComponent(target).appendingPathComponent("include")
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] where name.hasSuffix(".h") {
                headers += 1
                let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
                for line in text.split(separator: "\n") where line.hasPrefix("#include") {
                    #expect(standard.contains { line.hasSuffix($0) }, "\(target)/include/\(name): \(line)")
                }
            }
        }
        #expect(headers >= 12)
    }
}
