// Moves finished shards from staging into shards/NAME/SPLIT, in an order that never makes an incomplete set look complete: the old index is
// removed first, then the old shards; then the new shards arrive, and the new index last.
// The old index is renamed, not deleted, until the files that it lists are gone: if a run is killed, the next run completes the removal.
// Only files that an index of this program lists are ever removed.
import Files
import Foundation

package enum ShardPublication {
    /// The state of a split's folder.
    enum Existing {
        case nothing
        case ours(MDSIndex)
        /// An index of this program, but of another format version.
        case older
        /// Partly removed by a run that was killed.
        case withdrawn(MDSIndex)
    }

    private static let withdrawnName = ".withdrawn.json"

    package static let samplesName = "samples.jsonl"

    /// - Throws: `notOurs` for an index that `prep shard` did not write.
    static func existing(_ folder: String) throws(ShardError) -> Existing {
        let path = folder + "/" + MDSIndex.name
        guard FileIO.exists(path) else {
            let aside = folder + "/" + withdrawnName
            guard FileIO.exists(aside) else { return .nothing }
            return .withdrawn(try MDSIndex.parse(fromFiles { () throws(FileError) in try FileIO.read(aside, limit: 1 << 30) }, path: aside))
        }
        let bytes = try fromFiles { () throws(FileError) in try FileIO.read(path, limit: 1 << 30) }
        do throws(ShardError) {
            let index = try MDSIndex.parse(bytes, path: path)
            guard index.provenance != nil else { throw ShardError.notOurs(path: path) }
            return .ours(index)
        } catch {
            struct Marked: Decodable {
                struct Entry: Decodable { let formatVersion: Int }
                let vlseg: Entry
            }
            if case .foreignVersion = error, (try? JSONDecoder().decode(Marked.self, from: Data(bytes))) != nil { return .older }
            throw .notOurs(path: path)
        }
    }

    /// Whether a split's folder already holds the shards of these fingerprints.
    static func isUpToDate(_ existing: Existing, folder: String, fingerprint: String, evaluation: String?) -> Bool {
        guard case .ours(let index) = existing, index.provenance?.fingerprint == fingerprint,
            index.provenance?.evaluationFingerprint == evaluation
        else { return false }
        return index.shards.allSatisfy { (try? FileIO.size(folder + "/" + $0.stored.basename)) == $0.stored.bytes }
            && FileIO.isFile(folder + "/" + samplesName)
    }

    /// Removes a published set: the index first, then the files that it lists (also unpacked copies that other readers made).
    static func withdraw(_ existing: Existing, folder: String) throws(ShardError) {
        try fromFiles { () throws(FileError) in
            let index = folder + "/" + MDSIndex.name, aside = folder + "/" + withdrawnName
            switch existing {
            case .nothing: return
            case .older: try FileIO.remove(index)
            case .ours(let old):
                guard rename(index, aside) == 0 else { throw FileError.unwritable(path: aside, reason: String(cString: strerror(errno))) }
                try removeFiles(of: old, folder: folder)
            case .withdrawn(let old): try removeFiles(of: old, folder: folder)
            }
            try FileIO.remove(aside)
        }
    }

    private static func removeFiles(of index: MDSIndex, folder: String) throws(FileError) {
        try FileIO.remove(folder + "/" + samplesName)
        for shard in index.shards {
            try FileIO.remove(folder + "/" + shard.raw.basename)
            if let zip = shard.zip { try FileIO.remove(folder + "/" + zip.basename) }
        }
    }

    /// Moves the shards in and writes samples.jsonl; `seal` writes the index.
    static func move(_ receipts: [ShardReceipt], from staging: ShardStaging, to folder: String) throws(ShardError) {
        try fromFiles { () throws(FileError) in
            try FileIO.createFolder(folder)
            for receipt in receipts {
                let name = receipt.shard.stored.basename
                let unpacked = folder + "/" + receipt.shard.raw.basename
                if receipt.shard.zip != nil { try FileIO.remove(unpacked) }
                guard rename(staging.folder + "/" + name, folder + "/" + name) == 0 else {
                    throw FileError.unwritable(path: folder + "/" + name, reason: String(cString: strerror(errno)))
                }
            }
        }
    }

    static func seal(_ index: MDSIndex, samples: [UInt8], folder: String) throws(ShardError) {
        try fromFiles { () throws(FileError) in
            for name in [samplesName, MDSIndex.name] { try AtomicFile.removeLeftovers(for: folder + "/" + name) }
            try FileIO.writeAtomically(samples, to: folder + "/" + samplesName)
            try FileIO.writeAtomically(index.text, to: folder + "/" + MDSIndex.name)
        }
    }

    /// One line for each sample: its place and the hash of its bytes, so that damage can be reported for single samples.
    static func samplesText(_ receipts: [ShardReceipt], ids: [String]) -> [UInt8] {
        var text = ""
        var number = 0
        for receipt in receipts {
            for (index, hash) in receipt.sampleHashes.enumerated() {
                text +=
                    PythonJSON.object([
                        "id": .string(ids[number]), "shard": .string(receipt.shard.raw.basename), "index": .integer(index),
                        ShardReceipt.hash: .string(hash),
                    ]).text + "\n"
                number += 1
            }
        }
        return Array(text.utf8)
    }
}
