// The MDS format: the published test vector, shard cutting, round trips, and the index's checks.
import Files
import Foundation
import Shards
import TestSupport
import Testing

enum MDSExample {
    static let columns = [MDSColumn("id", "str"), MDSColumn("mask", "ndarray:uint8:2,2"), MDSColumn("n", "int")]
    static let rows: [[[UInt8]]] = [
        [Array("a".utf8), [0, 1, 1, 0], [7, 0, 0, 0, 0, 0, 0, 0]],
        [Array("bcd".utf8), [1, 1, 0, 0], [UInt8](repeating: 255, count: 8)],
    ]

    static func write(
        _ rows: [[[UInt8]]], to folder: String, compression: String? = nil, sizeLimit: Int? = 1 << 20,
        hashes: [String] = ["sha1", "xxh3_64"]
    ) throws {
        let schema = MDSSchema(columns: columns, compression: compression, hashes: hashes, sizeLimit: sizeLimit)
        let writer = try MDSWriter(folder: folder, schema: schema)
        for row in rows { try writer.append(row) }
        try writer.finish()
    }

    static func read(_ folder: String) throws -> [[[UInt8]]] {
        var rows: [[[UInt8]]] = []
        for shard in try MDSIndex.read(folder: folder).shards {
            let data = try MDSShardData.read(folder: folder, shard: shard, verifyHashes: true)
            for index in 0..<data.count { rows.append(try data.payloads(ofSample: index)) }
        }
        return rows
    }

    /// Rows of pseudo-random sizes and bytes.
    static func random(count: Int, seed: UInt64) -> [[[UInt8]]] {
        var state = seed
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        return (0..<count).map { _ in
            [
                (0..<(next() % 40)).map { _ in UInt8(97 + next() % 26) }, (0..<4).map { _ in UInt8(next() % 2) },
                (0..<8).map { _ in UInt8(next() % 256) },
            ]
        }
    }
}

@Suite struct MDSTests {
    @Test func theWorkedExampleByteForByte() throws {
        let folder = try TemporaryFolder()
        try MDSExample.write(MDSExample.rows, to: folder.path)
        let bytes = try FileIO.read(folder.file("shard.00000.mds"))
        #expect(bytes.count == 282)
        #expect(Digest.sha1(bytes) == "80d12720751fa461b8997489ee0dc8a6fd04f38e")
        #expect(Digest.xxh3_64(bytes) == "a0c76c9a40fb8ec9")
        let shard = try #require(try MDSIndex.read(folder: folder.path).shards.first)
        #expect(shard.raw.hashes == ["sha1": "80d12720751fa461b8997489ee0dc8a6fd04f38e", "xxh3_64": "a0c76c9a40fb8ec9"])
        #expect(try MDSExample.read(folder.path) == MDSExample.rows)
    }

    @Test(arguments: [nil, "zstd:1", "zstd", "zstd:19"], [nil, 200, 400, 4096] as [Int?])
    func roundTrips(compression: String?, sizeLimit: Int?) throws {
        for (count, seed) in [(0, 1), (1, 2), (57, 3)] {
            let folder = try TemporaryFolder()
            let rows = MDSExample.random(count: count, seed: UInt64(seed))
            try MDSExample.write(rows, to: folder.path, compression: compression, sizeLimit: sizeLimit)
            #expect(try MDSExample.read(folder.path) == rows)
            let index = try MDSIndex.read(folder: folder.path)
            #expect(index.shards.allSatisfy { $0.samples > 0 })
            #expect(index.shards.allSatisfy { FileIO.isFile(folder.file($0.stored.basename)) })
        }
    }

    @Test func cutsWhereTheReferenceWriterCuts() throws {
        // Running size starts at 8 + config; a sample adds its bytes + 4.
        let columns = [MDSColumn("x", "bytes")]
        func schema(_ limit: Int?) -> MDSSchema { MDSSchema(columns: columns, compression: nil, sizeLimit: limit) }
        let config = schema(1000).config.count
        #expect(schema(9999).config.count == config)
        let limit = 8 + config + 3 * (400 + 4)
        #expect((1000...9999).contains(limit))  // the limit's digits are part of the config
        let sizes = [Int](repeating: 400, count: 7)
        #expect(try schema(limit).cut(sampleSizes: sizes) == [0..<3, 3..<6, 6..<7])
        #expect(try schema(limit - 1).cut(sampleSizes: sizes) == [0..<2, 2..<4, 4..<6, 6..<7])
        #expect(try schema(nil).cut(sampleSizes: sizes) == [0..<7])
        #expect(try schema(limit).cut(sampleSizes: []).isEmpty)
        // A sample larger than the limit stands alone, and makes no empty shard before it.
        #expect(try schema(limit).cut(sampleSizes: [5000, 10, 5000]) == [0..<1, 1..<2, 2..<3])
    }

    @Test func refusesShardsPast4GiB() {
        let schema = MDSSchema(columns: [MDSColumn("x", "bytes")], compression: nil, sizeLimit: nil)
        #expect(throws: ShardError.self) { try schema.cut(sampleSizes: [1 << 31, 1 << 31]) }
        #expect(throws: ShardError.self) { try schema.cut(sampleSizes: [1 << 32]) }
    }

    @Test func acceptsEmptyShards() throws {
        let folder = try TemporaryFolder()
        try MDSExample.write(MDSExample.rows, to: folder.path)
        // An empty shard before the first, as the reference writer makes for a giant first sample.
        let config = Array(#"{}"#.utf8)
        try folder.write([0, 0, 0, 0, 10, 0, 0, 0] + config, to: "shard.00001.mds")
        var text = try FileIO.readText(folder.file("index.json"))
        let empty =
            #"{"column_encodings": ["str", "ndarray:uint8:2,2", "int"], "column_names": ["id", "mask", "n"], "column_sizes": [null, 4, 8], "compression": null, "format": "mds", "hashes": [], "raw_data": {"basename": "shard.00001.mds", "bytes": 10, "hashes": {}}, "samples": 0, "size_limit": null, "version": 2, "zip_data": null}, "#
        text = text.replacingOccurrences(of: #""shards": ["#, with: #""shards": ["# + empty)
        try folder.write(text, to: "index.json")
        #expect(try MDSIndex.read(folder: folder.path).shards.count == 2)
        #expect(try MDSExample.read(folder.path) == MDSExample.rows)
    }

    @Test(arguments: [
        (#""version": 2}"#, #""version": 3}"#, "shards of version MDS 3, expected MDS 2"),
        (#""samples": 2"#, #""samples": 2, "extra": 1"#, "unknown extra"),
        (#""samples": 2, "#, "", "no samples"),
        (#""format": "mds""#, #""format": "csv""#, #"format is "csv", expected "mds""#),
        (#"[null, 4, 8]"#, #"[null, 5, 8]"#, "column mask: size 5, expected 4"),
        (#"[null, 4, 8]"#, #"[null, 4]"#, "2 column_sizes"),
        (#""samples": 2"#, #""samples": 70000000"#, "do not fit"),
        (#""samples": 2"#, #""samples": -1"#, "do not fit"),
        // 20 bytes are the least that a sample of these columns takes.
        (#""samples": 2"#, #""samples": 14"#, "14 samples do not fit in raw_data.bytes = 282"),
        (#""samples": 2"#, #""samples": 9223372036854775807"#, "do not fit"),
        (#""bytes": 282"#, #""bytes": 99999999999"#, "raw_data.bytes is 99999999999"),
        (#""basename": "shard"#, #""basename": "../shard"#, "not a name inside the folder"),
        (#""basename": "shard"#, #""basename": "/shard"#, "not a name inside the folder"),
        (#""zip_data": null"#, #""zip_data": 3"#, "zip_data"),
        (#""compression": null"#, #""compression": "zstd""#, "compression and zip_data"),
        (#"{"shards""#, #"["shards""#, "not JSON"),
        (#""shards": ["#, #""shardz": ["#, "no shards"),
        (#""shards": [{"#, #""vlseg": {"formatVersion": 99}, "shards": [{"#, "shards of version 99, expected 1"),
    ])
    func refusesAWrongIndex(old: String, new: String, expected: String) throws {
        let folder = try TemporaryFolder()
        try MDSExample.write(MDSExample.rows, to: folder.path)
        let text = try FileIO.readText(folder.file("index.json"))
        let changed = text.replacingOccurrences(of: old, with: new)
        #expect(changed != text)
        let error = #expect(throws: ShardError.self) { try MDSIndex.parse(Array(changed.utf8), path: "index.json") }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "none")")
        #expect(error?.kind == .usage)
    }

    @Test func limitsOfAnIndex() throws {
        func failure(columns: Int = 1, raw: Int, zip: Int) -> String {
            func list(_ item: (Int) -> String) -> String { (0..<columns).map(item).joined(separator: ", ") }
            let text = """
                {"shards": [{"column_encodings": [\(list { _ in "\"int\"" })], "column_names": [\(list { "\"\($0)\"" })], "column_sizes": [\(list { _ in "8" })],
                "compression": "zstd", "format": "mds", "hashes": [], "raw_data": {"basename": "a", "bytes": \(raw), "hashes": {}},
                "zip_data": {"basename": "b", "bytes": \(zip), "hashes": {}}, "samples": 1, "size_limit": null, "version": 2}], "version": 2}
                """
            do throws(ShardError) { _ = try MDSIndex.parse(Array(text.utf8), path: "index.json") } catch { return error.description }
            return "no error"
        }
        #expect(failure(raw: 4_000_000_000, zip: 100_000) == "no error")
        #expect(failure(raw: 4_000_000_000, zip: 99_999).contains("raw_data.bytes = 4000000000 cannot come from zip_data.bytes = 99999"))
        #expect(failure(raw: 1 << 32, zip: 1 << 30).contains("raw_data.bytes is 4294967296, expected 0 to 4294967295"))
        #expect(failure(columns: 256, raw: 4000, zip: 4000) == "no error")
        #expect(failure(columns: 257, raw: 4000, zip: 4000).contains("257 columns, more than 256"))
        let folder = try TemporaryFolder()
        let path = try folder.write("", to: "index.json")
        #expect(truncate(path, MDSIndex.sizeLimit + 1) == 0)
        let error = #expect(throws: ShardError.self) { try MDSIndex.read(folder: folder.path) }
        #expect(error?.description.contains("more than the limit of 268435456") == true)
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: ShardError.self) { try MDSIndex.parse(Array("{\"shards\": \(deep)".utf8), path: "index.json") }
    }

    @Test func unknownTopLevelKeysAreFine() throws {
        let folder = try TemporaryFolder()
        try MDSExample.write(MDSExample.rows, to: folder.path)
        let text = try FileIO.readText(folder.file("index.json")).replacingOccurrences(of: #"{"shards""#, with: #"{"mine": [1], "shards""#)
        #expect(try MDSIndex.parse(Array(text.utf8), path: "index.json").shards.count == 1)
    }

    @Test func unsafeBasenamesCannotEscapeButSubfoldersWork() throws {
        let folder = try TemporaryFolder()
        try MDSExample.write(MDSExample.rows, to: folder.path)
        try folder.write(try FileIO.read(folder.file("shard.00000.mds")), to: "3/shard.00000.mds")
        let text = try FileIO.readText(folder.file("index.json"))
        try folder.write(text.replacingOccurrences(of: "shard.00000", with: "3/shard.00000"), to: "index.json")
        #expect(try MDSExample.read(folder.path) == MDSExample.rows)
    }
}

@Suite struct MDSDamageTests {
    /// Every single-bit change of a small shard is noticed (its hash differs); none crashes the reader, hashes checked or not.
    @Test(arguments: [nil, "zstd:3"]) func byteFlipsOfTheShard(compression: String?) throws {
        let folder = try TemporaryFolder()
        let rows = MDSExample.random(count: 3, seed: 5)
        try MDSExample.write(rows, to: folder.path, compression: compression)
        let shard = try #require(try MDSIndex.read(folder: folder.path).shards.first)
        let bytes = try FileIO.read(folder.file(shard.stored.basename))
        for position in bytes.indices {
            for bit in [0, 3, 7] {
                var changed = bytes
                changed[position] ^= 1 << bit
                try folder.write(changed, to: shard.stored.basename)
                #expect(throws: ShardError.self, "byte \(position) bit \(bit)") {
                    try MDSShardData.read(folder: folder.path, shard: shard, verifyHashes: true)
                }
                if let data = try? MDSShardData.read(folder: folder.path, shard: shard) {
                    for index in 0..<data.count { _ = try? data.payloads(ofSample: index) }
                }
            }
        }
    }

    @Test(arguments: [nil, "zstd:3"]) func truncations(compression: String?) throws {
        let folder = try TemporaryFolder()
        try MDSExample.write(MDSExample.random(count: 3, seed: 6), to: folder.path, compression: compression)
        let shard = try #require(try MDSIndex.read(folder: folder.path).shards.first)
        let bytes = try FileIO.read(folder.file(shard.stored.basename))
        for length in bytes.indices {
            try folder.write(Array(bytes[..<length]), to: shard.stored.basename)
            let error = #expect(throws: ShardError.self) { try MDSShardData.read(folder: folder.path, shard: shard) }
            #expect(error?.kind == .data)
            #expect(error?.description.contains("has \(length) bytes, the index declares \(bytes.count)") == true)
        }
        try FileIO.remove(folder.file(shard.stored.basename))
        let error = #expect(throws: ShardError.self) { try MDSShardData.read(folder: folder.path, shard: shard) }
        #expect(error?.description.contains("the file is missing") == true)
    }

    /// A changed index either fails to read with a ShardError, or reads the same data or other sizes safely.
    @Test func byteFlipsOfTheIndex() throws {
        let folder = try TemporaryFolder()
        try MDSExample.write(MDSExample.random(count: 3, seed: 7), to: folder.path, compression: "zstd:3")
        let bytes = try FileIO.read(folder.file("index.json"))
        var refused = 0
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1 << UInt8(position % 8)
            do throws(ShardError) {
                for shard in try MDSIndex.parse(changed, path: "index.json").shards {
                    let data = try MDSShardData.read(folder: folder.path, shard: shard, verifyHashes: true)
                    for index in 0..<data.count { _ = try data.payloads(ofSample: index) }
                }
            } catch {
                refused += 1
                #expect(!error.description.isEmpty)
            }
        }
        #expect(refused > bytes.count / 2)
    }

    @Test func aFrameThatUnpacksToMoreThanDeclaredIsRefused() throws {
        let folder = try TemporaryFolder()
        try MDSExample.write(MDSExample.random(count: 50, seed: 8), to: folder.path, compression: "zstd:3")
        let index = try MDSIndex.read(folder: folder.path)
        let text = try FileIO.readText(folder.file("index.json"))
            .replacingOccurrences(of: "\"bytes\": \(index.shards[0].raw.bytes)", with: "\"bytes\": \(index.shards[0].raw.bytes - 1)")
        let wrong = try MDSIndex.parse(Array(text.utf8), path: "index.json")
        #expect(throws: ShardError.self) { try MDSShardData.read(folder: folder.path, shard: wrong.shards[0]) }
    }
}
