// Patients, other captions and millimetres in shards: what the manifest says, nothing where it says nothing, damage named.
import Datasets
import Files
import Foundation
import Imaging
import Shards
import TestSupport
import Testing
import Text

@Suite struct EvaluationColumnTests {
    private func manifest(_ demo: DemoShards, _ change: (Int, inout ManifestSample) -> Void) -> Manifest {
        var samples = demo.manifest.samples
        for index in samples.indices { change(index, &samples[index]) }
        return Manifest(samples: samples, summary: demo.manifest.summary)
    }

    /// Every sample's value, by id.
    private func values<Value>(_ folder: String, _ read: (ShardSet, Int) throws -> Value) throws -> [String: Value] {
        var found: [String: Value] = [:]
        for split in Split.allCases {
            let set = try ShardSet(folder: "\(folder)/\(split.rawValue)")
            for index in 0..<set.count { found[try set.sample(at: index).id] = try read(set, index) }
        }
        return found
    }

    @Test func theDemosOtherPromptsAreInItsShards() throws {
        let demo = try DemoShards()
        try demo.make()
        let folder = demo.folder.file("out/demo")
        let others = try values(folder) { try $0.otherCaptions(of: $1) ?? [] }
        for sample in demo.manifest.samples {
            // p1 to p5, and five each of p7 to p9.
            #expect(sample.captionSource == "p6" && sample.otherCaptions?.count == 20)
            #expect(others[sample.id] == sample.otherCaptions && others[sample.id]?.first == "polyp")
            #expect(sample.otherCaptions?.contains(sample.caption ?? "") == false)
        }
        let set = try ShardSet(folder: folder + "/train")
        #expect(set.hasOtherCaptions)
        #expect(try set.group(of: 0) == nil && set.spacing(of: 0) == nil)
        #expect(
            set.index.shards[0].schema.columns.map(\.name) == [
                "attention", "caption", "height", "id", "image", "mask", "original_mask", "other_captions", "tokens", "width",
            ])
    }

    @Test func whatIsKnownOfSomeSamplesIsReadBack() throws {
        var demo = try DemoShards()
        demo.options.storesOriginalMasks = false
        let plain = manifest(demo) { $1.otherCaptions = nil }
        let out = demo.folder.file("out")
        _ = try Sharding.run(manifest: plain, folder: out, options: demo.options)
        let before = try ShardSet(folder: out + "/demo/train")
        #expect(before.index.provenance?.evaluationFingerprint == nil)
        #expect(try !before.hasOtherCaptions && before.otherCaptions(of: 0) == nil)

        let known = manifest(demo) { index, sample in
            sample.group = index % 3 == 0 ? nil : "Möller, \(index / 4)"
            sample.otherCaptions = index % 2 == 0 ? nil : ["a \"lesion\"", "Läsion \(index)\n", "😀"]
            sample.spacing = index % 4 == 0 ? nil : PixelSpacing(y: 0.7421875, x: 0.1 + Double(index))
        }
        #expect(try ShardReplacement.find(known, folder: out, options: demo.options, overwrites: false) == nil)
        #expect(try Sharding.run(manifest: known, folder: out, options: demo.options).parts.allSatisfy { !$0.wasUpToDate })
        #expect(try Sharding.run(manifest: known, folder: out, options: demo.options).parts.allSatisfy(\.wasUpToDate))
        let groups = try values(out + "/demo") { try $0.group(of: $1) }
        let others = try values(out + "/demo") { try $0.otherCaptions(of: $1) }
        let spacings = try values(out + "/demo") { try $0.spacing(of: $1) }
        for sample in known.samples {
            #expect(groups[sample.id] == sample.group)
            #expect(others[sample.id] == (sample.otherCaptions ?? []))
            #expect(spacings[sample.id] == .some(sample.spacing))
        }
        let listed = try Verification.run(folder: out + "/demo", listing: true).listing
        #expect(listed.count == known.samples.count)
        for sample in known.samples {
            #expect(listed.first { $0.id == sample.id }?.spacing == sample.spacing)
        }
        #expect(
            listed.contains { $0.json.contains("\"spacing\": [0.7421875, ") } && listed.contains { $0.json.contains("\"spacing\": null") })
        // A run goes on with these shards: training reads the same of both.
        let after = try ShardSet(folder: out + "/demo/train")
        #expect(after.fingerprint == before.fingerprint && after.index.shards.map(\.samples) == before.index.shards.map(\.samples))
        let report = try Verification.run(folder: out + "/demo", listing: true)
        #expect(report.problems.isEmpty && report.listing.count == 12)
        for sample in report.listing { #expect(sample.group == groups[sample.id] && sample.otherCaptions == others[sample.id]) }
        // One patient's other name is another set of shards.
        let renamed = manifest(demo) { index, sample in
            (sample.group, sample.otherCaptions, sample.spacing) =
                (index == 1 ? "Meyer" : known.samples[index].group, known.samples[index].otherCaptions, known.samples[index].spacing)
        }
        let again = try Sharding.run(manifest: renamed, folder: out, options: demo.options)
        #expect(again.parts.count { !$0.wasUpToDate } == 1)
        #expect(try values(out + "/demo") { try $0.group(of: $1) }[known.samples[1].id] == "Meyer")
    }

    @Test func damageIsNamedByReadingAndByVerifying() throws {
        let folder = try TemporaryFolder("columns")
        let columns = [
            MDSColumn("group", "str"), MDSColumn("height", "int"), MDSColumn("id", "str"), MDSColumn("image", "ndarray:uint8:2,2,1"),
            MDSColumn("mask", "ndarray:uint8:2,2"), MDSColumn("other_captions", "str"), MDSColumn("spacing", "ndarray:float64:2"),
            MDSColumn("width", "int"),
        ]
        let five = [5, 0, 0, 0, 0, 0, 0, 0] as [UInt8]
        func bytes(_ values: [Double]) -> [UInt8] {
            values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
        }
        let writer = try MDSWriter(folder: folder.path, schema: MDSSchema(columns: columns, compression: "zstd:3"))
        let rows: [(group: [UInt8], others: String, spacing: [Double])] = [
            (Array("P1".utf8), "[\"one\", \"two\"]", [0.5, 0.25]), ([], "[]", [.nan, .nan]), ([0xFF], "{}", [-1, 0.5]),
            ([], "[1]", [.nan, 1]),
        ]
        for (number, row) in rows.enumerated() {
            try writer.append([
                row.group, five, Array("s\(number)".utf8), [1, 2, 3, 4], [0, 1, 1, 0], Array(row.others.utf8), bytes(row.spacing), five,
            ])
        }
        try writer.finish()
        let set = try ShardSet(folder: folder.path)
        #expect(try set.group(of: 0) == "P1" && set.otherCaptions(of: 0) == ["one", "two"] && set.spacing(of: 0)?.x == 0.25)
        #expect(try set.group(of: 1) == nil && set.otherCaptions(of: 1) == [] && set.spacing(of: 1) == nil)
        func reason(_ body: () throws -> Void) -> String { "\(#expect(throws: ShardError.self) { try body() }.map { "\($0)" } ?? "")" }
        for sample in [2, 3] {
            #expect(
                reason { _ = try set.otherCaptions(of: sample) }.contains(
                    "sample number \(sample): its other captions are no JSON array of strings"))
        }
        #expect(reason { _ = try set.group(of: 2) }.contains("sample number 2: its group is not UTF-8"))
        #expect(reason { _ = try set.spacing(of: 2) }.contains("sample number 2: its spacing is -1.0, 0.5"))
        #expect(reason { _ = try set.spacing(of: 3) }.contains("sample number 3: its spacing is nan, 1.0"))
        let problems = try Verification.run(folder: folder.path).problems.map { "\($0.sample ?? ""): \($0.reason)" }
        #expect(
            problems == [
                "number 2: its group is not UTF-8", "number 2: its other captions are no JSON array of strings",
                "number 2: its spacing is -1.0, 0.5", "number 3: its other captions are no JSON array of strings",
                "number 3: its spacing is nan, 1.0",
            ])
    }
}
