// The bytes of a shard that is being written. Header, offsets and config are written first, from the sample sizes; then any thread puts
// samples into their places, in any order. Invariant: the bytes do not depend on the order of the writes.
import Files

final class MDSShardBuffer: @unchecked Sendable {
    // Safe to share: every sample has its own region, written once by `put`, and `bytes` is read after all are written.
    private let storage: UnsafeMutableRawBufferPointer
    private let offsets: [Int]
    let schema: MDSSchema

    /// - Parameter sampleSizes: as `MDSSchema.sampleSize(payloadSizes:)` gives, in order.
    init(schema: MDSSchema, sampleSizes: [Int]) throws(ShardError) {
        let config = schema.config
        var offset = 4 + 4 * (sampleSizes.count + 1) + config.count
        var offsets = [offset]
        for size in sampleSizes {
            offset += size
            offsets.append(offset)
        }
        guard offset <= MDSSchema.largestShard else { throw .tooLarge(what: "a shard of \(sampleSizes.count) samples", bytes: offset) }
        self.schema = schema
        self.offsets = offsets
        storage = UnsafeMutableRawBufferPointer.allocate(byteCount: offset, alignment: 64)
        let header = [UInt32(sampleSizes.count)] + offsets.map { UInt32($0) }
        for (index, value) in header.enumerated() {
            storage.storeBytes(of: value.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
        }
        UnsafeMutableRawBufferPointer(rebasing: storage[(4 * header.count)...]).copyBytes(from: config)
    }

    deinit { storage.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(storage) }
    var count: Int { offsets.count - 1 }

    /// The written bytes of one sample.
    func sample(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: storage[offsets[index]..<offsets[index + 1]])
    }

    /// Writes one sample; `payloads` are in the order of the columns.
    func put(_ payloads: [[UInt8]], at index: Int) throws(ShardError) {
        var at = offsets[index]
        let size = schema.sampleSize(payloadSizes: payloads.map(\.count))
        guard payloads.count == schema.columns.count, size == offsets[index + 1] - at else {
            throw .invalidOption("sample \(index) has \(size) bytes in \(payloads.count) columns, planned \(offsets[index + 1] - at)")
        }
        for (column, payload) in zip(schema.columns, payloads) {
            if let fixed = column.size {
                guard payload.count == fixed else {
                    throw .invalidOption("sample \(index), column \(column.name): \(payload.count) bytes, expected \(fixed)")
                }
            } else {
                storage.storeBytes(of: UInt32(payload.count).littleEndian, toByteOffset: at, as: UInt32.self)
                at += 4
            }
        }
        for payload in payloads {
            UnsafeMutableRawBufferPointer(rebasing: storage[at..<(at + payload.count)]).copyBytes(from: payload)
            at += payload.count
        }
    }

    /// Compresses, hashes and writes the shard as number `number` of a folder.
    func write(number: Int, folder: String) throws(ShardError) -> MDSShard {
        let packed = try pack(number: number, folder: folder)
        try packed.store(in: folder)
        return packed.shard
    }

    /// Compresses and hashes the shard, but does not write it.
    /// - Parameter folder: the folder of the future file; for messages.
    func pack(number: Int, folder: String) throws(ShardError) -> PackedShard {
        let name = Self.name(number)
        let raw = MDSFile(basename: name, bytes: bytes.count, hashes: hashes(bytes))
        guard let compression = schema.compression else {
            return PackedShard(shard: MDSShard(schema: schema, samples: count, raw: raw, zip: nil), raw: self, frame: nil)
        }
        guard let level = MDSSchema.zstandardLevel(compression) else {
            throw .unsupportedCompression(path: folder, found: compression)
        }
        switch Zstandard.compress(bytes, level: level) {
        case .failure(let error):
            throw .damaged(ShardProblem(path: folder + "/" + name, reason: "compressing failed: \(error.text)"))
        case .success(let frame):
            let zip = MDSFile(basename: name + ".zstd", bytes: frame.count, hashes: frame.withUnsafeBytes { hashes($0) })
            return PackedShard(shard: MDSShard(schema: schema, samples: count, raw: raw, zip: zip), raw: nil, frame: frame)
        }
    }

    static func name(_ number: Int) -> String {
        let digits = String(number)
        return "shard." + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".mds"
    }

    private func hashes(_ bytes: UnsafeRawBufferPointer) -> [String: String] {
        var result: [String: String] = [:]
        for name in schema.hashes { result[name] = Digest.digest(named: name, of: bytes) }
        return result
    }
}

/// A finished shard that is not written yet.
struct PackedShard: Sendable {
    let shard: MDSShard
    /// The bytes of an uncompressed shard; nil if there is a compressed frame.
    let raw: MDSShardBuffer?
    let frame: [UInt8]?

    func store(in folder: String, flush: Flush = .contentAndName) throws(ShardError) {
        try fromFiles { () throws(FileError) in
            let path = folder + "/" + shard.stored.basename
            if let frame { try FileIO.writeAtomically(frame, to: path, flush: flush) }
            if let raw { try FileIO.writeAtomically(raw.bytes, to: path, flush: flush) }
        }
    }
}
