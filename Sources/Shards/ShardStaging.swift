// The folder for a split's shards before they are published: OUT/NAME/.staging/SPLIT, with the fingerprint of the build and a receipt for
// each finished shard. Shards of an interrupted run with the same fingerprint are reused.
// Invariant: a receipt is written after its shard, and a shard counts only if its bytes have the receipt's hash.
import Files
import Foundation

/// The record of a finished shard.
struct ShardReceipt: Sendable {
    /// The algorithm of `sampleHashes`.
    static let hash = "xxh3_64"
    let shard: MDSShard
    let sampleHashes: [String]
}

struct ShardStaging: Sendable {
    let folder: String
    private static let fingerprintName = "fingerprint"

    /// Opens the folder for a fingerprint and removes the files of any other fingerprint.
    init(folder: String, fingerprint: String) throws(ShardError) {
        self.folder = folder
        try fromFiles { () throws(FileError) in
            try FileIO.createFolder(folder)
            let path = folder + "/" + Self.fingerprintName
            let names = try FileIO.list(folder)
            let same = (try? FileIO.readText(path, limit: 1 << 12)) == fingerprint
            for name in names where Self.isOurs(name) {
                // Unfinished temporary files are useless.
                if !same || name.hasPrefix(".") { try FileIO.remove(folder + "/" + name) }
            }
            if !same { try FileIO.writeAtomically(fingerprint, to: path) }
        }
    }

    /// Names that this type and MDSShardBuffer write.
    private static func isOurs(_ name: String) -> Bool {
        name.hasPrefix("shard.") || name.hasPrefix(".shard.") || name == fingerprintName || name.hasPrefix(".\(fingerprintName).")
    }

    private static func receiptName(_ number: Int) -> String { MDSShardBuffer.name(number) + ".receipt" }

    func save(_ receipt: ShardReceipt, number: Int) throws(ShardError) {
        // An index of one shard, with the sample hashes beside it: the same strict parser reads it.
        let json = PythonJSON.object([
            "version": .integer(MDSSchema.version), "shards": .array([receipt.shard.json]),
            "sampleHashes": .array(receipt.sampleHashes.map { .string($0) }),
        ])
        try fromFiles { () throws(FileError) in
            // Not flushed: after a power failure a damaged receipt or shard is made again.
            try FileIO.writeAtomically(json.text, to: folder + "/" + Self.receiptName(number), flush: .nothing)
        }
    }

    /// The receipt of a shard that an earlier run finished; nil if it must be made (again).
    func finished(number: Int, schema: MDSSchema, samples: Int) -> ShardReceipt? {
        struct Hashes: Decodable { let sampleHashes: [String] }
        guard let bytes = try? FileIO.read(folder + "/" + Self.receiptName(number), limit: 1 << 28),
            let shard = (try? MDSIndex.parse(bytes, path: Self.receiptName(number)))?.shards.first,
            let hashes = try? JSONDecoder().decode(Hashes.self, from: Data(bytes)).sampleHashes,
            shard.schema == schema, shard.samples == samples, hashes.count == samples,
            let stored = try? FileIO.read(folder + "/" + shard.stored.basename, limit: shard.stored.bytes),
            stored.count == shard.stored.bytes, MDSShardData.mismatch(shard.stored, stored) == nil
        else { return nil }
        return ShardReceipt(shard: shard, sampleHashes: hashes)
    }

    /// Removes the rest of a staging folder after its shards were moved, and the folder itself; also after a run that was killed between
    /// publishing and cleaning up.
    static func remove(_ folder: String) throws(ShardError) {
        guard FileIO.isFolder(folder) else { return }
        try fromFiles { () throws(FileError) in
            for name in try FileIO.list(folder) where isOurs(name) { try FileIO.remove(folder + "/" + name) }
        }
        rmdir(folder)
    }
}
