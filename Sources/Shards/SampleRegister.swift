// samples.jsonl and vocab.txt beside the shards, read for verification: which samples each shard should hold, with their hashes.
import Files
import Foundation
import Text

struct SampleRegister {
    struct Entry: Sendable {
        let id: String
        let hash: String
    }

    /// By the shard's unpacked name, in the shard's order. Empty if another program wrote the shards.
    private(set) var entries: [String: [Entry]] = [:]
    private(set) var problems: [ShardProblem] = []

    init(folder: String, index: MDSIndex) {
        guard let provenance = index.provenance else { return }
        readSamples(folder + "/" + ShardPublication.samplesName, sha256: provenance.samplesSHA256)
        // For "train" or "." alone, the vocabulary is in the folder above.
        let path = FileIO.sibling(of: folder.contains("/") ? folder : FileIO.absolute(folder), named: Sharding.vocabularyName)
        if let sha256 = provenance.vocabularySHA256 { checkVocabulary(path, sha256) }
    }

    private mutating func readSamples(_ path: String, sha256: String) {
        struct Line: Decodable {
            let id: String
            let shard: String
            let index: Int
            let xxh3_64: String
        }
        do throws(FileError) {
            let bytes = try FileIO.read(path, limit: 1 << 30)
            guard Digest.sha256(bytes) == sha256 else {
                problems.append(
                    ShardProblem(path: path, reason: "its sha256 is not the one in index.json; damaged samples cannot be named"))
                return
            }
            let decoder = JSONDecoder()
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                guard let line = try? decoder.decode(Line.self, from: Data(line)) else { continue }
                entries[line.shard, default: []].append(Entry(id: line.id, hash: line.xxh3_64))
            }
        } catch {
            problems.append(ShardProblem(path: path, reason: "the file is missing or cannot be read; damaged samples cannot be named"))
        }
    }

    /// A split's folder may be verified without the folder of its dataset, so a missing vocabulary is not an error.
    private mutating func checkVocabulary(_ path: String, _ sha256: String) {
        guard FileIO.exists(path) else { return }
        guard (try? Vocabulary(contentsOf: path))?.sha256 != sha256 else { return }
        problems.append(ShardProblem(path: path, reason: "is not the vocabulary that these shards were made with"))
    }
}
