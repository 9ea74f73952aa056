// The shard format under the fuzzer: its index, shards as they lie in memory, and compressed shards.
import Foundation
import Shards

enum FuzzShards {
    static func acceptsIndex(_ bytes: [UInt8]) -> Bool {
        guard let index = try? MDSIndex.parse(bytes, path: "index.json") else { return false }
        // What was read can be written, and reads the same.
        let again = try? MDSIndex.parse(Array(index.text.utf8), path: "index.json")
        precondition(again == index, "an index that changes when it is written")
        return true
    }

    static func acceptsShard(_ bytes: [UInt8], folder: String) -> Bool {
        guard bytes.count >= 8 else { return false }
        _ = placed(bytes, "shard.00000.mds", in: folder)
        return reads(samples: word(bytes, 0), raw: bytes.count, zip: nil, folder: folder)
    }

    /// The first eight bytes are what the index declares (samples, unpacked size); the rest is the compressed file.
    static func acceptsFrame(_ bytes: [UInt8], folder: String) -> Bool {
        guard bytes.count >= 8 else { return false }
        _ = placed(Array(bytes[8...]), "shard.00000.mds.zstd", in: folder)
        return reads(samples: word(bytes, 0), raw: word(bytes, 4), zip: bytes.count - 8, folder: folder)
    }

    private static func word(_ bytes: [UInt8], _ at: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
    }

    private static func reads(samples: Int, raw: Int, zip: Int?, folder: String) -> Bool {
        let packed = zip.map { "{\"basename\": \"shard.00000.mds.zstd\", \"bytes\": \($0), \"hashes\": {}}" } ?? "null"
        let text = """
            {"version": 2, "shards": [{"column_encodings": ["str", "ndarray:uint8:2,2", "bytes"], "column_names": ["id", "mask", "x"],
            "column_sizes": [null, 4, null], "compression": \(zip == nil ? "null" : "\"zstd:3\""), "format": "mds", "hashes": [],
            "raw_data": {"basename": "shard.00000.mds", "bytes": \(raw), "hashes": {}}, "zip_data": \(packed),
            "samples": \(samples), "size_limit": null, "version": 2}]}
            """
        guard let index = try? MDSIndex.parse(Array(text.utf8), path: "index.json"), let shard = index.shards.first,
            let data = try? MDSShardData.read(folder: folder, shard: shard)
        else { return false }
        precondition(data.count == samples && data.bytes.count == raw, "a shard that is not what the index says")
        var whole = true
        for sample in 0..<data.count {
            guard let payloads = try? data.payloads(ofSample: sample) else {
                whole = false
                continue
            }
            let range = data.range(ofSample: sample)
            precondition(payloads.count == 3 && payloads[1].count == 4, "columns that are not the schema's")
            precondition(payloads.reduce(8) { $0 + $1.count } == range.count, "payloads that do not fill their sample")
        }
        return whole
    }
}
