// The manifest's files: same input same bytes, whole or not at all, and refused when they do not belong together.
import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite struct ManifestTests {
    private func ingested() throws -> (SampleFolder, IngestOptions) {
        let set = try SampleFolder()
        try set.pairs(["b", "a", "Z", "ä"])
        let options = set.options(captions: [try set.captions(["b", "a", "Z", "ä"])])
        _ = try Ingest.run(options)
        return (set, options)
    }

    private func bytes(_ set: SampleFolder) throws -> [[UInt8]] {
        try ["kvasir.jsonl", "kvasir.summary.json"].map { try FileIO.read(set.manifests + "/" + $0) }
    }

    @Test func theSameInputGivesTheSameBytes() throws {
        var (set, options) = try ingested()
        let first = try bytes(set)
        for threads in [1, 3] {
            options.threads = threads
            _ = try Ingest.run(options)
            #expect(try bytes(set) == first)
        }
        #expect(try FileIO.list(set.manifests) == ["kvasir.jsonl", "kvasir.summary.json"])
    }

    @Test func aLineHasSortedKeysAndTheFilesHashes() throws {
        let (set, _) = try ingested()
        let text = try FileIO.readText(set.manifests + "/kvasir.jsonl")
        let lines = text.split(separator: "\n")
        #expect(lines.count == 4)
        let hash = Digest.sha256(try FileIO.read(set.folder.file("images/Z.png")))
        let maskHash = Digest.sha256(try set.mask())
        #expect(
            lines[0] == """
                {"caption":"one polyp called Z, located in left of the image","captionSource":"caption","height":32,"id":"Z","image":"images/Z.png",\
                "imageSha256":"\(hash)","mask":"masks/Z.png","maskSha256":"\(maskHash)","split":"train","width":40}
                """)
        #expect(text.hasSuffix("\n"))
    }

    @Test func readsBackWhatWasWritten() throws {
        let (set, options) = try ingested()
        let manifest = try Manifest.read(folder: set.manifests, name: "kvasir")
        #expect(manifest.samples.map(\.id) == ["Z", "a", "b", "ä"])
        #expect(manifest.root == set.path)
        #expect(manifest.maskThreshold == 128)
        #expect(manifest.imagePath(manifest.samples[0]) == set.folder.file("images/Z.png"))
        #expect(manifest.summary.captionFiles == options.captions)
        #expect(manifest.summary.captionSources == ["caption": 4])
        #expect(try Manifest.names(in: set.manifests) == ["kvasir"])
    }

    @Test func aManifestOfAnotherSummaryIsRefused() throws {
        let (set, _) = try ingested()
        let path = set.manifests + "/kvasir.jsonl"
        try FileIO.writeAtomically(Array(try FileIO.read(path).dropLast(400)), to: path)
        guard case .manifestMismatch = failure({ _ = try Manifest.read(folder: set.manifests, name: "kvasir") }) else {
            Issue.record("a cut manifest was read")
            return
        }
    }

    @Test func missingForeignAndMalformedManifests() throws {
        let (set, _) = try ingested()
        func text(_ name: String = "kvasir") -> String {
            failure { _ = try Manifest.read(folder: set.manifests, name: name) }?.description ?? ""
        }
        #expect(text("other").hasSuffix("no such manifest; there are kvasir"))
        let path = set.manifests + "/kvasir.summary.json"
        let good = try FileIO.readText(path)
        try FileIO.writeAtomically(good.replacingOccurrences(of: "\"formatVersion\" : 1", with: "\"formatVersion\" : 7"), to: path)
        #expect(text().contains("manifest format 7, this program reads 1"))
        try FileIO.writeAtomically("{", to: path)
        #expect(text().contains("kvasir.summary.json: not JSON"))
        try FileIO.writeAtomically("{}", to: path)
        #expect(text().contains("kvasir.summary.json: no key"))
    }

    @Test func aBadLineIsNamed() throws {
        let (set, _) = try ingested()
        let path = set.manifests + "/kvasir.jsonl", summary = set.manifests + "/kvasir.summary.json"
        let old = Digest.sha256(try FileIO.read(path))
        let lines = try FileIO.readText(path).replacingOccurrences(
            of: "\"split\":\"train\",\"width\":40}\n{\"caption\":\"one polyp called b",
            with: "\"split\":\"later\",\"width\":40}\n{\"caption\":\"one polyp called b")
        try FileIO.writeAtomically(lines, to: path)
        try FileIO.writeAtomically(
            try FileIO.readText(summary).replacingOccurrences(of: old, with: Digest.sha256(Array(lines.utf8))), to: summary)
        let text = failure { _ = try Manifest.read(folder: set.manifests, name: "kvasir") }?.description ?? ""
        #expect(text.contains("kvasir.jsonl, line 2: split"), "\(text)")
    }

    @Test func aFailureLeavesThePreviousPair() throws {
        var (set, options) = try ingested()
        let before = try bytes(set)
        try set.folder.write([], to: "images/a.png")
        #expect(try Ingest.run(options).isWritten == false)
        #expect(try bytes(set) == before)
        // No space: the manifest leads to a device that is always full.
        options.skipBad = true
        options.name = "full"
        try FileManager.default.createSymbolicLink(atPath: set.manifests + "/full.jsonl", withDestinationPath: "/dev/full")
        let full = failure { _ = try Ingest.run(options) }
        #expect(full?.kind == .environment)
        #expect(full?.description.contains("no space left on the device") == true)
        #expect(!FileIO.exists(set.manifests + "/full.summary.json"))
        #expect(try bytes(set) == before)
        #expect(try FileIO.list(set.manifests) == ["full.jsonl", "kvasir.jsonl", "kvasir.summary.json"])
    }

    @Test func anUnwritableFolder() throws {
        var (set, options) = try ingested()
        try set.folder.write("a file", to: "occupied")
        options.manifests = set.folder.file("occupied/manifests")
        let error = failure { _ = try Ingest.run(options) }
        #expect(error?.kind == .environment, "\(String(describing: error))")
        #expect(error?.description.contains("cannot be written") == true)
    }

    @Test func namesThatCannotBeFiles() throws {
        var (set, options) = try ingested()
        defer { withExtendedLifetime(set) {} }
        for name in ["", "a/b", "..", "a b", String(repeating: "x", count: 201)] {
            options.name = name
            #expect(failure { _ = try Ingest.run(options) }?.kind == .usage)
        }
    }

    @Test func aStoppedRunWritesNothing() throws {
        var (set, options) = try ingested()
        options.name = "stopped"
        let cancellation = Cancellation()
        let error = failure {
            _ = try Ingest.run(options, progress: { done, _ in if done == 1 { cancellation.cancel() } }, cancellation: cancellation)
        }
        #expect(error?.kind == .cancelled)
        #expect(try FileIO.list(set.manifests) == ["kvasir.jsonl", "kvasir.summary.json"])
    }
}
