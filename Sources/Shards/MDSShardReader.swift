// One unpacked shard in memory, whose header was checked. Samples are slices of `bytes`; nothing is copied until asked for.
// Invariant: every offset and column range returned lies inside `bytes`.
import Files

public final class MDSShardData: Sendable {
    public let path: String
    public let shard: MDSShard
    public let bytes: [UInt8]

    /// Reads the shard's file, unpacks it and checks sizes and header; with `verifyHashes` also all hashes.
    public static func read(folder: String, shard: MDSShard, verifyHashes: Bool = false) throws(ShardError) -> MDSShardData {
        let path = folder + "/" + shard.stored.basename
        func damaged(_ reason: String) -> ShardError { .damaged(ShardProblem(path: path, reason: reason)) }
        if let compression = shard.schema.compression, !compression.hasPrefix("zstd") {
            throw .unsupportedCompression(path: path, found: compression)
        }
        let stored = try readFile(path, expected: shard.stored)
        // An uncompressed shard contains no checksum of its own, so the fastest hash of the index is always checked.
        if verifyHashes || shard.zip == nil, let reason = mismatch(shard.stored, stored, fastestOnly: !verifyHashes) {
            throw damaged(reason)
        }
        guard shard.zip != nil else { return try MDSShardData(path: path, shard: shard, bytes: stored) }
        if let declared = Zstandard.declaredSize(stored), declared != shard.raw.bytes {
            throw damaged("unpacks to \(declared) bytes, the index declares \(shard.raw.bytes)")
        }
        switch Zstandard.decompress(stored, size: shard.raw.bytes) {
        case .failure(let error):
            throw damaged("cannot be unpacked: \(error.text)")
        case .success(let raw):
            if verifyHashes, let reason = mismatch(shard.raw, raw) { throw damaged("unpacked: " + reason) }
            return try MDSShardData(path: path, shard: shard, bytes: raw)
        }
    }

    /// The stored file's bytes, exactly as many as the index declares.
    static func readFile(_ path: String, expected: MDSFile) throws(ShardError) -> [UInt8] {
        guard FileIO.exists(path) else { throw .damaged(ShardProblem(path: path, reason: "the file is missing")) }
        let size = try fromFiles { () throws(FileError) in try FileIO.size(path) }
        guard size == expected.bytes else {
            throw .damaged(ShardProblem(path: path, reason: "has \(size) bytes, the index declares \(expected.bytes)"))
        }
        return try fromFiles { () throws(FileError) in try FileIO.read(path, limit: size) }
    }

    /// The first hash that differs; nil if all known ones are right (or the fastest, if only that is checked).
    static func mismatch(_ file: MDSFile, _ bytes: [UInt8], fastestOnly: Bool = false) -> String? {
        let fastest = ["xxh3_64", "xxh3_128", "xxh128", "xxh64", "xxh32"].first { file.hashes[$0] != nil }
        for (name, expected) in file.hashes.sorted(by: { $0.key < $1.key }) {
            if fastestOnly, let fastest, name != fastest { continue }
            guard let found = Digest.digest(named: name, of: bytes) else { continue }
            if found != expected { return "\(name) is \(found), the index says \(expected)" }
        }
        return nil
    }

    init(path: String, shard: MDSShard, bytes: [UInt8]) throws(ShardError) {
        self.path = path
        self.shard = shard
        self.bytes = bytes
        if let reason = Self.headerFault(bytes, samples: shard.samples, size: shard.raw.bytes) {
            throw .damaged(ShardProblem(path: path, reason: reason))
        }
    }

    /// The fault of a header (sample count and offsets); `bytes` may be the beginning of a shard of `size` bytes.
    static func headerFault(_ bytes: [UInt8], samples: Int, size: Int) -> String? {
        bytes.withUnsafeBytes { ShardBytes(bytes: $0).headerFault(samples: samples, size: size) }
    }

    public var count: Int { shard.samples }

    /// Where sample `index` (0 ..< count) lies in `bytes`.
    public func range(ofSample index: Int) -> Range<Int> {
        bytes.withUnsafeBytes { ShardBytes(bytes: $0).range(ofSample: index) }
    }

    /// Calls `body` with each column's number and its range in `bytes`. Allocates nothing.
    /// - Returns: the fault of the sample; nil if it is intact.
    func columns(ofSample index: Int, _ body: (Int, Range<Int>) -> Void) -> String? {
        bytes.withUnsafeBytes { ShardBytes(bytes: $0).columns(ofSample: index, shard.schema.columns, body) }
    }

    /// The payloads of one sample, in the order of the columns.
    public func payloads(ofSample index: Int) throws(ShardError) -> [[UInt8]] {
        guard (0..<count).contains(index) else {
            throw .invalidOption("\(path): sample \(index) of \(count)")
        }
        var payloads: [[UInt8]] = []
        if let reason = columns(ofSample: index, { _, range in payloads.append(Array(bytes[range])) }) {
            throw .damaged(ShardProblem(path: path, sample: "number \(index)", reason: reason))
        }
        return payloads
    }
}
