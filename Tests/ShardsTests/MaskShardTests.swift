// Mask files of every kind from the folder to the shard: the mask in the shard is the one that was drawn, pixel for pixel.
import Datasets
import Files
import Foundation
import Imaging
import Shards
import TestSupport
import Testing

/// A folder of six pictures with masks, as a test draws them.
private struct MaskFolder {
    static let size = 32
    let folder: TemporaryFolder
    let count: Int

    init(count: Int = 6) throws {
        folder = try TemporaryFolder("masks")
        self.count = count
        for number in 0..<count {
            let pixels = (0..<Self.size * Self.size).map { UInt8(($0 * 7 + number * 31) & 255) }
            try folder.write(
                try PNGEncoder.encode(Raster(width: Self.size, height: Self.size, channels: 1, pixels: pixels)),
                to: "images/\(name(number)).png")
        }
    }

    func name(_ number: Int) -> String { "s\(number)" }

    /// 1 within a rectangle of the sample's own, else 0.
    static func shape(_ number: Int, shifted: Int = 0) -> [Int] {
        (0..<size * size).map { i in
            let x = i % size - 4 - number - shifted, y = i / size - 6
            return (0..<9).contains(x) && (0..<7 + number).contains(y) ? 1 : 0
        }
    }

    func write(masks: [Int: [UInt8]], named: (Int) -> String = { "s\($0).png" }) throws {
        for (number, bytes) in masks { try folder.write(bytes, to: "masks/" + named(number)) }
    }

    func options(_ choice: MaskChoice = .automatic, names: [String]? = nil) throws -> IngestOptions {
        let names = names ?? (0..<count).map(name)
        let table = "image,caption\n" + names.map { "\($0).png,a mass called \($0)\n" }.joined()
        var options = IngestOptions(dataset: .table)
        options.table = TableChoices(images: folder.file("images"), masks: folder.file("masks"))
        options.captions = [try folder.write(table, to: "captions.csv")]
        options.manifests = folder.file("manifests")
        options.name = "drawn"
        options.shares = try SplitShares("60/20/20")
        options.masks = choice
        return options
    }

    /// The masks of all shards by id.
    func sharded(_ manifest: Manifest) throws -> [String: [Int]] {
        var options = ShardingOptions()
        options.size = Self.size
        let out = folder.file("shards-\(UUID().uuidString)")
        _ = try Sharding.run(manifest: manifest, folder: out, options: options)
        var masks: [String: [Int]] = [:]
        for split in Split.allCases where FileIO.isFolder("\(out)/drawn/\(split.rawValue)") {
            let set = try ShardSet(folder: "\(out)/drawn/\(split.rawValue)")
            for index in 0..<set.count {
                let sample = try set.sample(at: index)
                masks[sample.id] = sample.mask.map(Int.init)
            }
        }
        return masks
    }

    /// Ingests, reads the manifest back, makes shards.
    func masks(
        _ choice: MaskChoice = .automatic, names: [String]? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> (text: String, masks: [String: [Int]]) {
        let report = try Ingest.run(try options(choice, names: names))
        #expect(report.isWritten, "\(report.summary.problems.map(\.line))", sourceLocation: sourceLocation)
        let manifest = try Manifest.read(folder: folder.file("manifests"), name: "drawn")
        return (report.summary.masks?.lines.joined(separator: "\n") ?? "", try sharded(manifest))
    }

    func png(_ values: [Int], bits: Int = 8, colourType: Int = 0, palette: [UInt8] = [], transparency: [UInt8] = []) -> [UInt8] {
        PlainPNG.encode(
            width: Self.size, height: Self.size, bits: bits, colourType: colourType, samples: values.map(UInt16.init), palette: palette,
            transparency: transparency)
    }
}

@Suite struct MaskShardTests {
    private static let size = MaskFolder.size
    private static let vocPalette: [UInt8] = [0, 0, 0, 128, 0, 0, 0, 128, 0]

    /// How a drawn mask is stored, and what is said of it.
    struct Way: Sendable, CustomStringConvertible {
        let description: String
        let says: String
        let encode: @Sendable (_ shape: [Int]) throws -> [UInt8]
    }

    private static func png(_ values: [Int], bits: Int = 8, colourType: Int = 0, palette: [UInt8] = []) -> [UInt8] {
        PlainPNG.encode(width: size, height: size, bits: bits, colourType: colourType, samples: values.map(UInt16.init), palette: palette)
    }

    static let ways: [Way] = [
        Way(description: "0 and 1", says: "values 0 and 1, foreground is 1") { png($0) },
        Way(description: "0 and 127", says: "values 0 and 127, foreground is 127") { png($0.map { $0 * 127 }) },
        Way(description: "0 and 255", says: "values 0 and 255, foreground is 255") { png($0.map { $0 * 255 }) },
        Way(description: "1 bit", says: "values 0 and 1, foreground is 1") { png($0, bits: 1) },
        Way(description: "2 bits, 0 and 1", says: "values 0 and 1, foreground is 1") { png($0, bits: 2) },
        Way(description: "4 bits, 3 and 4", says: "values 3 and 4, foreground is 4") { png($0.map { $0 + 3 }, bits: 4) },
        Way(description: "16 bits, 0 and 1", says: "values 0 and 1, foreground is 1") { png($0, bits: 16) },
        Way(description: "16 bits, 0 and 255", says: "values 0 and 255, foreground is 255") { png($0.map { $0 * 255 }, bits: 16) },
        Way(description: "16 bits, 0 and 65535", says: "values 0 and 65535, foreground is 65535") { png($0.map { $0 * 65535 }, bits: 16) },
        Way(description: "RGB, 0 and 1", says: "values 0 and 1, foreground is 1") { png($0.flatMap { [$0, $0, $0] }, colourType: 2) },
        Way(description: "RGB of 16 bits, 0 and 255", says: "values 0 and 255, foreground is 255") {
            png($0.flatMap { [$0 * 255, $0 * 255, $0 * 255] }, bits: 16, colourType: 2)
        },
        Way(description: "red on black", says: "colours 0,0,0 and 255,0,0, foreground is 255,0,0") {
            png($0.flatMap { [$0 * 255, 0, 0] }, colourType: 2)
        },
        Way(description: "palette of VOC", says: "palette indexes 0 and 1, foreground is 1") {
            png($0, colourType: 3, palette: vocPalette)
        },
        Way(description: "palette of VOC, second class alone", says: "palette indexes 0 and 2, foreground is 2") {
            png($0.map { $0 * 2 }, colourType: 3, palette: vocPalette)
        },
        Way(description: "palette of black and white", says: "palette indexes 0 and 1, foreground is 1") {
            png($0, colourType: 3, palette: [0, 0, 0, 255, 255, 255])
        },
        Way(description: "grey and alpha, only alpha varies", says: "the alpha channel, values 0 and 255, foreground is 255") {
            png($0.flatMap { [0, $0 * 255] }, colourType: 4)
        },
        Way(description: "RGB and alpha, black", says: "the alpha channel, values 0 and 255, foreground is 255") {
            png($0.flatMap { [0, 0, 0, $0 * 255] }, colourType: 6)
        },
        Way(description: "RGB and alpha, opaque 0 and 1", says: "values 0 and 1, foreground is 1") {
            png($0.flatMap { [$0, $0, $0, 255] }, colourType: 6)
        },
    ]

    @Test(arguments: ways) func theMaskOfTheShardIsTheOneDrawn(_ way: Way) throws {
        let set = try MaskFolder()
        for number in 0..<6 { try set.write(masks: [number: try way.encode(MaskFolder.shape(number))]) }
        let result = try set.masks()
        #expect(result.text == "masks: \(way.says), in 6 files")
        for number in 0..<6 { #expect(result.masks["s\(number)"] == MaskFolder.shape(number), "s\(number)") }
    }

    @Test func jpegMasksKeepTheThreshold() throws {
        let set = try MaskFolder()
        for number in 0..<6 {
            let pixels = MaskFolder.shape(number).flatMap { [UInt8](repeating: UInt8($0 * 255), count: 3) }
            try set.write(masks: [
                number: try JPEGEncoder.encode(Raster(width: Self.size, height: Self.size, channels: 3, pixels: pixels), quality: 30)
            ]) { "s\($0).jpg" }
        }
        let report = try Ingest.run(try set.options())
        #expect(report.summary.masks?.rule == nil && report.summary.maskThreshold == 128)
        #expect(report.summary.masks?.text == "values around 0 and 255, foreground from 128, in 6 files")
    }

    @Test func labelsAreTheUsersChoice() throws {
        let set = try MaskFolder()
        let labels = (0..<6).map { number in MaskFolder.shape(number).enumerated().map { $1 == 1 ? ($0 / Self.size < 9 ? 1 : 2) : 0 } }
        for number in 0..<6 { try set.write(masks: [number: Self.png(labels[number])]) }
        let error = #expect(throws: DatasetError.self) { try Ingest.run(try set.options()) }
        #expect(error?.kind == .usage)
        #expect(
            "\(error.map { "\($0)" } ?? "")".contains(
                "the masks hold 3 different values: 0 in 6 files, 1 in 6 files and 2 in 6 files; say which are foreground with --mask-values, such as --mask-values 1,2"
            ))
        #expect(!FileIO.exists(set.folder.file("manifests")))
        for (choice, foreground) in [([1, 2], { $0 > 0 }), ([2], { $0 == 2 }), ([1], { $0 == 1 })] as [([Int], (Int) -> Bool)] {
            let result = try set.masks(.values(choice))
            for number in 0..<6 { #expect(result.masks["s\(number)"] == labels[number].map { foreground($0) ? 1 : 0 }, "\(choice)") }
        }
    }

    @Test func aMixedSetIsReportedAndNeverAppliedSilently() throws {
        let set = try MaskFolder()
        for number in 0..<6 { try set.write(masks: [number: Self.png(MaskFolder.shape(number).map { $0 * (number == 3 ? 1 : 255) })]) }
        var options = try set.options()
        let report = try Ingest.run(options)
        #expect(
            !report.isWritten && report.summary.problems.map(\.kind) == [.maskDiffers] && report.summary.problems[0].path == "masks/s3.png")
        options.skipBad = true
        #expect(try Ingest.run(options).manifest.samples.map(\.id) == ["s0", "s1", "s2", "s4", "s5"])
    }

    @Test func emptySetsAreRefusedByEveryProgram() throws {
        let set = try MaskFolder()
        for number in 0..<6 { try set.write(masks: [number: Self.png(MaskFolder.shape(number).map { _ in 0 })]) }
        let error = #expect(throws: DatasetError.self) { try Ingest.run(try set.options()) }
        #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("all 6 masks are empty: they hold 0 in 6 files"))
        // Shards of an earlier program, whose threshold left nothing.
        for number in 0..<6 { try set.write(masks: [number: Self.png(MaskFolder.shape(number))]) }
        var manifest = try Ingest.run(try set.options()).manifest
        var summary = manifest.summary
        summary.masks = nil
        summary.maskThreshold = 128
        manifest = Manifest(samples: manifest.samples, summary: summary)
        var options = ShardingOptions()
        options.size = Self.size
        _ = try Sharding.run(manifest: manifest, folder: set.folder.file("old"), options: options)
        let report = try Verification.run(folder: set.folder.file("old/drawn"), threads: 1)
        #expect(report.problems.isEmpty && report.withoutContrast.count == 1)
        #expect(report.withoutContrast.first?.reason.hasPrefix("the masks of all 4 samples are empty: nothing can be learned") == true)
        let train = try ShardSet(folder: set.folder.file("old/drawn/train"))
        #expect(try MaskContrast.fault(of: train)?.contains("are empty") == true)
    }

    @Test func theRuleCountsInTheFingerprintOnlyWhereItIsNotTheThreshold() throws {
        let set = try MaskFolder()
        for number in 0..<6 { try set.write(masks: [number: Self.png(MaskFolder.shape(number).map { $0 * 255 })]) }
        let manifest = try Ingest.run(try set.options()).manifest
        var summary = manifest.summary
        summary.masks = nil
        var options = ShardingOptions()
        options.size = Self.size
        _ = try Sharding.run(
            manifest: Manifest(samples: manifest.samples, summary: summary), folder: set.folder.file("out"), options: options)
        #expect(try Sharding.run(manifest: manifest, folder: set.folder.file("out"), options: options).parts.allSatisfy(\.wasUpToDate))
        summary.masks = manifest.summary.masks
        summary.masks?.rule = MaskRule(plane: .values, values: [255])
        let other = Manifest(samples: manifest.samples, summary: summary)
        #expect(try Sharding.run(manifest: other, folder: set.folder.file("out"), options: options).parts.allSatisfy { !$0.wasUpToDate })
    }

    // MARK: Several masks of one image

    private func union(_ number: Int, _ shifts: [Int]) -> [Int] {
        let shapes = shifts.map { MaskFolder.shape(number, shifted: $0) }
        return shapes[0].indices.map { i in shapes.contains { $0[i] == 1 } ? 1 : 0 }
    }

    @Test(arguments: [
        ["_mask", "_mask_1", "_mask_2"], ["_mask", "_mask1", "_mask2"], ["_mask", "_mask_a", "_mask_b"],
        ["_mask", "_mask (2)", "_mask (3)"],
    ])
    func furtherMasksAreUnited(_ endings: [String]) throws {
        let set = try MaskFolder()
        for number in 0..<6 {
            for (index, ending) in endings.enumerated() where index == 0 || number % 2 == 0 {
                try set.write(masks: [number: Self.png(MaskFolder.shape(number, shifted: 6 * index).map { $0 * 255 })]) {
                    "s\($0)\(ending).png"
                }
            }
        }
        let result = try set.masks()
        #expect(
            result.text == "masks: values 0 and 255, foreground is 255, in 12 files\nmasks: 3 images have several masks, which are united")
        for number in 0..<6 { #expect(result.masks["s\(number)"] == union(number, number % 2 == 0 ? [0, 6, 12] : [0])) }
    }
}
