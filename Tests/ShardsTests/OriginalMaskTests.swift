// Masks at the size of their pictures: what the files say, beside the same training columns as without; older shards have none.
import Datasets
import Files
import Foundation
import Imaging
import Shards
import TestSupport
import Testing

@Suite struct OriginalMaskTests {
    /// Pictures of different sizes, one with two masks, one whose mask is smaller.
    private struct Pictures {
        static let sizes = [(40, 30), (31, 53), (64, 64), (17, 90), (50, 20), (33, 33)]
        let folder: TemporaryFolder
        let manifest: Manifest

        static func shape(_ number: Int, _ width: Int, _ height: Int, shift: Int = 0) -> [UInt8] {
            (0..<width * height).map { i in
                let x = i % width - 3 - number - shift, y = i / width - 5
                return (0..<8).contains(x) && (0..<6 + number).contains(y) || i == width * height - 1 ? 1 : 0
            }
        }

        init() throws {
            folder = try TemporaryFolder("originals")
            func png(_ width: Int, _ height: Int, _ pixels: [UInt8]) throws -> [UInt8] {
                try PNGEncoder.encode(Raster(width: width, height: height, channels: 1, pixels: pixels))
            }
            for (number, (width, height)) in Self.sizes.enumerated() {
                try folder.write(
                    try png(width, height, (0..<width * height).map { UInt8(($0 * 5 + number) & 255) }), to: "images/s\(number).png")
                let isHalf = number == 2
                let mask = isHalf ? Self.shape(number, width / 2, height / 2) : Self.shape(number, width, height)
                try folder.write(
                    try png(isHalf ? width / 2 : width, isHalf ? height / 2 : height, mask.map { $0 * 255 }),
                    to: "masks/s\(number)_mask.png")
            }
            let (width, height) = Self.sizes[0]
            try folder.write(
                try png(width, height, Self.shape(0, width, height, shift: 12).map { $0 * 255 }), to: "masks/s0_mask_1.png")
            var options = IngestOptions(dataset: .table)
            options.table = TableChoices(images: folder.file("images"), masks: folder.file("masks"))
            options.caption = "a mass"
            options.manifests = folder.file("manifests")
            options.name = "drawn"
            options.shares = try SplitShares("60/20/20")
            options.allowMaskResize = true
            manifest = try Ingest.run(options).manifest
        }

        func originals() throws -> [String: Raster] {
            var found: [String: Raster] = [:]
            for split in Split.allCases {
                let set = try ShardSet(folder: folder.file("out/drawn/\(split.rawValue)"))
                #expect(set.hasOriginalMasks)
                for index in 0..<set.count { found[try set.sample(at: index).id] = try set.originalMask(of: index) }
            }
            return found
        }
    }

    @Test func theMaskIsThatOfTheFilesAtThePicturesSize() throws {
        let pictures = try Pictures()
        var options = ShardingOptions()
        options.size = 32
        _ = try Sharding.run(manifest: pictures.manifest, folder: pictures.folder.file("out"), options: options)
        let masks = try pictures.originals()
        #expect(masks.count == Pictures.sizes.count)
        for (number, (width, height)) in Pictures.sizes.enumerated() {
            let mask = try #require(masks["s\(number)"])
            #expect((mask.width, mask.height, mask.channels) == (width, height, 1))
            var expected = Pictures.shape(number, width, height)
            if number == 0 { expected = zip(expected, Pictures.shape(0, width, height, shift: 12)).map { $0 | $1 } }
            if number == 2 {
                let half = Raster(width: 32, height: 32, channels: 1, pixels: Pictures.shape(2, 32, 32))
                expected = half.resizedNearest(width: width, height: height).pixels
            }
            #expect(mask.pixels == expected, "s\(number)")
        }
        let report = try Verification.run(folder: pictures.folder.file("out/drawn"), listing: true)
        #expect(report.problems.isEmpty && report.listing.count == 6)
        for sample in report.listing {
            #expect(sample.originalMaskSHA256 == masks[sample.id].map { Digest.sha256($0.pixels) })
        }
    }

    /// Every column that training reads, by sample and shard, and the fingerprint.
    private func training(_ folder: String) throws -> [String] {
        try Split.allCases.flatMap { split -> [String] in
            let set = try ShardSet(folder: "\(folder)/\(split.rawValue)")
            return try [set.fingerprint ?? "none", "\(set.index.shards.map(\.samples))"]
                + (0..<set.count).map { index in
                    let sample = try set.sample(at: index)
                    return "\(sample.id) \(sample.caption ?? "") \(sample.width) \(sample.height) \(sample.tokens?.ids ?? []) "
                        + Digest.sha256(sample.image) + Digest.sha256(sample.mask)
                }
        }
    }

    /// The demo's manifest as a source without other captions gives it.
    private func plain(_ demo: DemoShards) -> Manifest {
        let samples = demo.manifest.samples.map { sample in
            var sample = sample
            sample.otherCaptions = nil
            return sample
        }
        return Manifest(samples: samples, summary: demo.manifest.summary)
    }

    @Test func trainingSeesNoDifferenceAndARunMayGoOn() throws {
        var demo = try DemoShards()
        try demo.make("with")
        demo.options.storesOriginalMasks = false
        _ = try Sharding.run(manifest: plain(demo), folder: demo.folder.file("without"), options: demo.options)
        #expect(try training(demo.folder.file("with/demo")) == training(demo.folder.file("without/demo")))
        let without = try ShardSet(folder: demo.folder.file("without/demo/train"))
        #expect(try !without.hasOriginalMasks && without.originalMask(of: 0) == nil)
        #expect(without.index.provenance?.evaluationFingerprint == nil)
        let columns = without.index.shards[0].schema.columns.map(\.name)
        #expect(columns == ["attention", "caption", "height", "id", "image", "mask", "tokens", "width"])
        let report = try Verification.run(folder: demo.folder.file("without/demo"), listing: true)
        #expect(report.problems.isEmpty && report.listing.allSatisfy { $0.originalMaskSHA256 == nil })
    }

    @Test func shardsGainOriginalMasksAndLoseThemOnlyWhenAsked() throws {
        var demo = try DemoShards()
        demo.options.storesOriginalMasks = false
        try demo.make()
        let out = demo.folder.file("out")
        demo.options.storesOriginalMasks = true
        #expect(try ShardReplacement.find(demo.manifest, folder: out, options: demo.options, overwrites: false) == nil)
        #expect(try demo.make().parts.allSatisfy { !$0.wasUpToDate })
        #expect(try ShardSet(folder: demo.folder.file("out/demo/val")).originalMask(of: 0) != nil)
        #expect(try demo.make().parts.allSatisfy(\.wasUpToDate))
        demo.options.storesOriginalMasks = false
        let error = #expect(throws: ShardError.self) {
            _ = try ShardReplacement.find(demo.manifest, folder: out, options: demo.options, overwrites: false)
        }
        guard case .otherSettings(let found)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found.changes == ["original masks stored, now none"])
        try demo.make()
        #expect(try !ShardSet(folder: demo.folder.file("out/demo/val")).hasOriginalMasks)
    }

    /// A set as another program might write it, with bytes that are no mask.
    @Test func damageInAMaskIsNamedByReadingAndByVerifying() throws {
        let folder = try TemporaryFolder("damaged")
        let columns = [
            MDSColumn("height", "int"), MDSColumn("id", "str"), MDSColumn("image", "ndarray:uint8:2,2,1"),
            MDSColumn("mask", "ndarray:uint8:2,2"), MDSColumn("original_mask", "bytes"), MDSColumn("width", "int"),
        ]
        func write(_ name: String, _ columns: [MDSColumn], _ runs: [[UInt8]]) throws -> String {
            let path = folder.file(name)
            let writer = try MDSWriter(folder: path, schema: MDSSchema(columns: columns, compression: "zstd:3"))
            for (number, runs) in runs.enumerated() {
                try writer.append([
                    [3, 0, 0, 0, 0, 0, 0, 0], Array("s\(number)".utf8), [1, 2, 3, 4], [0, 1, 1, 0], runs, [5, 0, 0, 0, 0, 0, 0, 0],
                ])
            }
            try writer.finish()
            return path
        }
        let path = try write("bad", columns, [[1, 6, 3, 6], [1, 6, 3, 5]])
        let set = try ShardSet(folder: path)
        #expect(try set.originalMask(of: 0)?.pixels == [0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0])
        let error = #expect(throws: ShardError.self) { _ = try set.originalMask(of: 1) }
        #expect(
            error.map { "\($0)" }?.contains(
                "shard.00000.mds.zstd: sample number 1: its original mask: not the run lengths of a mask of 5x3 pixels: runs of 14 pixels")
                == true)
        let problems = try Verification.run(folder: path).problems.map { "\($0)" }
        #expect(problems.count == 1 && problems[0].contains("number 1: its original mask: not the run lengths"), "\(problems)")
        // Another program's column of that name and of another kind is not ours.
        var others = columns
        others[4] = MDSColumn("original_mask", "str")
        #expect(try !ShardSet(folder: try write("other", others, [[65]])).hasOriginalMasks)
    }
}
