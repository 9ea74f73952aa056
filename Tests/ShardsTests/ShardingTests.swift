// From a manifest to shards: the same bytes whatever the threads and interruptions, nothing half-written, all damage named.
import Datasets
import Files
import Foundation
import Imaging
import Shards
import TestSupport
import Testing
import Text

/// A demo set of twelve pictures, ingested, with what is made of it.
struct DemoShards {
    let folder: TemporaryFolder
    let manifest: Manifest
    var options: ShardingOptions

    init() throws {
        folder = try TemporaryFolder("shards")
        try DemoDataset.write(to: folder.file("demo"), count: 12, seed: 1)
        var ingest = IngestOptions(dataset: .kvasir)
        ingest.root = folder.file("demo")
        ingest.name = "demo"
        ingest.manifests = folder.file("manifests")
        manifest = try Ingest.run(ingest).manifest
        options = ShardingOptions()
        options.size = 64
        options.sizeLimit = 60_000  // Three or four samples of 16 KiB a shard.
    }

    @discardableResult
    func make(
        _ name: String = "out", cancellation: Cancellation = Cancellation(), progress: (@Sendable (ShardProgress) -> Void)? = nil
    ) throws -> ShardReport {
        try Sharding.run(manifest: manifest, folder: folder.file(name), options: options, progress: progress, cancellation: cancellation)
    }

    /// The error of making shards in a folder.
    func failure(in folder: String) -> ShardError? {
        do throws(ShardError) { _ = try Sharding.run(manifest: manifest, folder: folder, options: options) } catch { return error }
        return nil
    }

    /// Every file below a folder of shards with its bytes.
    func files(_ name: String = "out") throws -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        let root = folder.file("\(name)/demo")
        for case let path as String in FileManager.default.enumerator(atPath: root) ?? .init() {
            let full = root + "/" + path
            if FileIO.isFile(full) { result[path] = try FileIO.read(full) }
        }
        return result
    }
}

extension ShardError {
    /// The ids of all bad samples; empty for other errors.
    var badSamples: Set<String> {
        guard case .badSamples(_, let problems) = self else { return [] }
        return Set(problems.compactMap(\.sample))
    }
}

@Suite struct ShardingTests {
    @Test func addedTokensStayWithTheShards() throws {
        var demo = try DemoShards()
        let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "one", "small", "polyp"]
        try demo.folder.write(words.joined(separator: "\n") + "\n", to: "encoder/vocab.txt")
        try demo.folder.write("{\"top left\": 8}", to: "encoder/added_tokens.json")
        let vocabulary = try Vocabulary(contentsOf: demo.folder.file("encoder"))
        demo.options.vocabulary = vocabulary
        try demo.make()
        #expect(try Vocabulary(contentsOf: demo.folder.file("out/demo/vocab.txt")).sha256 == vocabulary.sha256)
        #expect(try demo.make().parts.allSatisfy(\.wasUpToDate))
        // Those of an earlier vocabulary are gone with it.
        demo.options.vocabulary = try Vocabulary(tokens: words)
        try demo.make()
        #expect(try Vocabulary(contentsOf: demo.folder.file("out/demo/vocab.txt")).sha256 == demo.options.vocabulary?.sha256)
    }

    @Test func threadsChangeNothing() throws {
        var demo = try DemoShards()
        demo.options.threads = 1
        try demo.make("one")
        demo.options.threads = 4
        try demo.make("four")
        let one = try demo.files("one")
        #expect(one == (try demo.files("four")))
        #expect(one.keys.contains("vocab.txt") && one.keys.contains("train/index.json"))
        #expect(one.keys.filter { $0.hasPrefix("train/shard.") }.count > 1)
    }

    @Test func theSameRunAgainDoesNothing() throws {
        let demo = try DemoShards()
        let first = try demo.make()
        #expect(first.parts.allSatisfy { !$0.wasUpToDate } && first.channels == 3)
        #expect(first.parts.reduce(0) { $0 + $1.samples } == 12)
        let before = try demo.files()
        #expect(try demo.make().parts.allSatisfy(\.wasUpToDate))
        #expect(try demo.files() == before)
    }

    @Test func otherOptionsMakeThemAnew() throws {
        var demo = try DemoShards()
        try demo.make()
        demo.options.resize = .reference
        #expect(try demo.make().parts.allSatisfy { !$0.wasUpToDate })
        demo.options.compression = nil
        try demo.make()
        let names = try demo.files().keys
        #expect(!names.contains { $0.hasSuffix(".zstd") }, "shards of the earlier compression are gone")
    }

    /// 12-bit images in 16-bit files give the shards that their 8-bit versions give; the bits are in the index and nowhere else.
    @Test func usedBitsOfSixteenAreScaled() throws {
        let folder = try TemporaryFolder("bits")
        func shards(_ name: String, _ image: [UInt8], _ suffix: String) throws -> ShardSet {
            let mask = Raster(width: 64, height: 64, channels: 1, pixels: (0..<4096).map { $0 % 64 < 20 ? 255 : 0 })
            try folder.write(image, to: "\(name)/images/a.\(suffix)")
            try folder.write(try PNGEncoder.encode(mask), to: "\(name)/masks/a.png")
            var ingest = IngestOptions(dataset: .kvasir)
            ingest.root = folder.file(name)
            ingest.name = name
            ingest.captions = [try folder.write(#"{"a.png": "one polyp"}"#, to: "\(name)/captions/train.json")]
            ingest.manifests = folder.file("manifests")
            var options = ShardingOptions()
            options.size = 64
            _ = try Sharding.run(manifest: try Ingest.run(ingest).manifest, folder: folder.file("out"), options: options)
            return try ShardSet(folder: folder.file("out/\(name)/train"))
        }
        let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let eight = try shards("eight", try PNGEncoder.encode(Raster(width: 64, height: 64, channels: 1, pixels: bytes)), "png")
        let twelve = try shards("twelve", SixteenBitTIFF.grey(bytes.map { UInt16($0) << 4 | 9 }, width: 64, height: 64), "tif")
        #expect(eight.imageBits == nil && twelve.imageBits == 12)
        #expect(try eight.sample(at: 0).image == twelve.sample(at: 0).image)
    }

    @Test(arguments: [1, 4, 7, 11]) func anInterruptedRunGoesOnToTheSameBytes(after count: Int) throws {
        let demo = try DemoShards()
        try demo.make("whole")
        let cancellation = Cancellation()
        #expect(throws: ShardError.cancelled) {
            try demo.make("parts", cancellation: cancellation) { if $0.done >= count { cancellation.cancel() } }
        }
        #expect(!(try demo.files("parts").keys.contains { $0.hasSuffix("train/index.json") && !$0.hasPrefix(".") }), "nothing looks whole")
        try demo.make("parts")
        #expect(try demo.files("whole") == demo.files("parts"))
    }

    /// A run that is killed while it takes old shards away leaves files that no index lists: the next run must know them.
    @Test func oldShardsHalfTakenAwayAreTakenAwayByTheNextRun() throws {
        var demo = try DemoShards()
        demo.options.sizeLimit = 20_000
        try demo.make()
        let split = demo.folder.file("out/demo/train")
        try #require(rename(split + "/index.json", split + "/.withdrawn.json") == 0)
        try FileIO.remove(split + "/shard.00000.mds.zstd")
        demo.options.sizeLimit = 10_000_000
        try demo.make()
        try demo.make("fresh")
        #expect(try demo.files() == demo.files("fresh"))
    }

    /// A run that is killed between publishing and tidying up leaves its staging folder to the next, which finds nothing else to do.
    @Test func stagingLeftByARunThatWasDoneIsRemoved() throws {
        let demo = try DemoShards()
        try demo.make()
        let before = try demo.files()
        try demo.folder.write("x", to: "out/demo/.staging/val/fingerprint")
        try demo.folder.write("x", to: "out/demo/.staging/val/shard.00000.mds.receipt")
        #expect(try demo.make().parts.allSatisfy(\.wasUpToDate))
        #expect(try demo.files() == before && !FileIO.exists(demo.folder.file("out/demo/.staging")))
    }

    @Test func badSamplesAreAllNamedAndEarlierShardsKept() throws {
        var demo = try DemoShards()
        try demo.make()
        let before = try demo.files()
        let victims = [demo.manifest.samples[2], demo.manifest.samples[7]]
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: demo.manifest.imagePath(victims[0])))
        try FileIO.remove(demo.manifest.maskPath(victims[1]))
        demo.options.resize = .reference
        let error = try #require(demo.failure(in: demo.folder.file("out")))
        #expect(error.kind == .data)
        #expect(error.badSamples == Set(victims.map(\.id)))
        let after = try demo.files().filter { !$0.key.hasPrefix(".staging") }
        #expect(after == before)
    }

    @Test func foldersOfOthersAreLeftAlone() throws {
        let demo = try DemoShards()
        try MDSExample.write(MDSExample.rows, to: demo.folder.file("out/demo/train"))
        let before = try demo.files()
        #expect(throws: ShardError.self) { try demo.make() }
        #expect(try demo.files() == before)
    }

    @Test func everyFlippedByteIsNoticed() throws {
        let demo = try DemoShards()
        try demo.make()
        let split = demo.folder.file("out/demo/val")
        #expect(try Verification.run(folder: split, threads: 1).problems.isEmpty)
        let shard = split + "/" + (try #require(try MDSIndex.read(folder: split).shards.first)).stored.basename
        let bytes = try FileIO.read(shard)
        // Every byte of the frame's beginning and end, and some between.
        let places = Array(0..<64) + stride(from: 64, to: bytes.count - 32, by: bytes.count / 40) + Array((bytes.count - 32)..<bytes.count)
        for place in places {
            var damaged = bytes
            damaged[place] ^= 0x10
            try FileIO.writeAtomically(damaged, to: shard)
            #expect(!(try Verification.run(folder: split, threads: 1).problems.isEmpty), "byte \(place)")
        }
        try FileIO.writeAtomically(bytes, to: shard)
        #expect(try Verification.run(folder: split, threads: 1).problems.isEmpty)
    }

    @Test func aFullDiskIsSaidAndLeavesNothingThatLooksWhole() throws {
        guard geteuid() == 0 else { return }
        let demo = try DemoShards()
        let mount = demo.folder.file("small")
        try FileIO.createFolder(mount)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/mount")
        process.arguments = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        // Containers may forbid mounting even to root.
        guard process.terminationStatus == 0 else { return }
        defer {
            let undo = Process()
            undo.executableURL = URL(fileURLWithPath: "/bin/umount")
            undo.arguments = [mount]
            try? undo.run()
            undo.waitUntilExit()
        }
        let error = try #require(demo.failure(in: mount))
        #expect(error.kind == .environment)
        #expect("\(error)".contains("no space"), "\(error)")
        #expect(!FileIO.exists(mount + "/demo/train/index.json"))
    }
}
