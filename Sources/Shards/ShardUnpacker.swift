// Reads and unpacks one shard after another into reused memory: one decompressor, one buffer for stored bytes.
// Not for full verification (`prep verify`): a stored file is compared with the cheapest of its recorded hashes.
// Invariant: one thread at a time.
import CZstd
import Files

/// An unpacked shard with a valid header. Its memory returns to the pool when the last user releases it.
final class UnpackedShard: @unchecked Sendable {
    // Written once by the unpacker, then only read.
    let path: String
    let shard: MDSShard
    let bytes: UnsafeRawBufferPointer
    private let memory: UnsafeMutableRawBufferPointer
    private let pool: ShardMemory

    init(path: String, shard: MDSShard, memory: UnsafeMutableRawBufferPointer, pool: ShardMemory) {
        self.path = path
        self.shard = shard
        self.memory = memory
        self.pool = pool
        bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<shard.raw.bytes])
    }

    deinit { pool.give(memory) }

    func columns(ofSample index: Int, _ body: (Int, Range<Int>) -> Void) -> String? {
        ShardBytes(bytes: bytes).columns(ofSample: index, shard.schema.columns, body)
    }
}

final class ShardUnpacker {
    /// From cheap to expensive. Frames written by this program also have a checksum of their own.
    private static let hashes = [
        "xxh3_64", "xxh3_128", "xxh128", "xxh64", "xxh32", "sha256", "sha1", "blake2b", "md5", "sha512", "sha3_256",
    ]
    private let decompressor: OpaquePointer?
    private var stored = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    init() { decompressor = vlseg_zstd_decompressor() }

    deinit {
        vlseg_zstd_free(decompressor)
        stored.deallocate()
    }

    /// - Parameter verify: compares the stored bytes with a recorded hash.
    func read(_ shard: MDSShard, folder: String, verify: Bool, pool: ShardMemory) throws(ShardError) -> UnpackedShard {
        let path = folder + "/" + shard.stored.basename
        func damaged(_ reason: String) -> ShardError { .damaged(ShardProblem(path: path, reason: reason)) }
        if let compression = shard.schema.compression, !compression.hasPrefix("zstd") {
            throw .unsupportedCompression(path: path, found: compression)
        }
        try Self.checkSize(shard, path: path)
        let memory = pool.take(shard.raw.bytes)
        // Owns the memory from here on, also if an error follows.
        let unpacked = UnpackedShard(path: path, shard: shard, memory: memory, pool: pool)
        let raw = UnsafeMutableRawBufferPointer(rebasing: memory[..<shard.raw.bytes])
        if shard.zip == nil {
            try fromFiles { () throws(FileError) in try FileIO.read(path, filling: raw) }
            if verify, case .different(let reason) = Self.comparison(of: UnsafeRawBufferPointer(raw), with: shard.raw) {
                throw damaged(reason)
            }
        } else {
            let bytes = try readStored(path, shard.stored.bytes)
            var isKnownGood = false
            if verify {
                switch Self.comparison(of: bytes, with: shard.stored) {
                case .same: isKnownGood = true
                case .unknown: break
                case .different(let reason): throw damaged(reason)
                }
            }
            var reason: UnsafePointer<CChar>?
            let good = vlseg_zstd_unpack(
                decompressor, bytes.baseAddress, bytes.count, raw.baseAddress, raw.count, isKnownGood ? 1 : 0, &reason)
            guard good == 1 else { throw damaged("cannot be unpacked: " + (reason.map { String(cString: $0) } ?? "unknown reason")) }
        }
        if let reason = ShardBytes(bytes: UnsafeRawBufferPointer(raw)).headerFault(samples: shard.samples, size: shard.raw.bytes) {
            throw damaged(reason)
        }
        return unpacked
    }

    /// Checks the beginning of a shard: reads and unpacks enough of it for the header.
    func checkHeader(_ shard: MDSShard, folder: String) throws(ShardError) {
        let path = folder + "/" + shard.stored.basename
        func damaged(_ reason: String) -> ShardError { .damaged(ShardProblem(path: path, reason: reason)) }
        try Self.checkSize(shard, path: path)
        let header = 4 + 4 * (shard.samples + 1)
        // A zstd block holds at most 128 KiB unpacked, so this part of the file is certain to contain the header.
        let bytes = try readStored(path, min(shard.stored.bytes, header + (1 << 17) + 64))
        var begin: [UInt8]
        if shard.zip == nil {
            begin = Array(bytes.prefix(header))
        } else {
            begin = [UInt8](unsafeUninitializedCapacity: header) { buffer, count in
                count = vlseg_zstd_unpack_prefix(
                    decompressor, bytes.baseAddress, bytes.count, buffer.baseAddress, min(header, shard.raw.bytes))
            }
        }
        if let reason = MDSShardData.headerFault(begin, samples: shard.samples, size: shard.raw.bytes) { throw damaged(reason) }
    }

    private static func checkSize(_ shard: MDSShard, path: String) throws(ShardError) {
        guard FileIO.exists(path) else { throw .damaged(ShardProblem(path: path, reason: "the file is missing")) }
        let size = try fromFiles { () throws(FileError) in try FileIO.size(path) }
        guard size == shard.stored.bytes else {
            throw .damaged(ShardProblem(path: path, reason: "has \(size) bytes, the index declares \(shard.stored.bytes)"))
        }
    }

    private func readStored(_ path: String, _ count: Int) throws(ShardError) -> UnsafeRawBufferPointer {
        if stored.count < count {
            stored.deallocate()
            stored = .allocate(byteCount: count, alignment: 64)
        }
        let part = UnsafeMutableRawBufferPointer(rebasing: stored[..<count])
        try fromFiles { () throws(FileError) in try FileIO.read(path, filling: part) }
        return UnsafeRawBufferPointer(part)
    }

    private enum Comparison {
        case same, different(String)
        /// No hash of a known kind.
        case unknown
    }

    private static func comparison(of bytes: UnsafeRawBufferPointer, with file: MDSFile) -> Comparison {
        guard let name = hashes.first(where: { file.hashes[$0] != nil }) ?? file.hashes.keys.sorted().first,
            let expected = file.hashes[name], let found = Digest.digest(named: name, of: bytes)
        else { return .unknown }
        return found == expected ? .same : .different("\(name) is \(found), the index says \(expected)")
    }
}
