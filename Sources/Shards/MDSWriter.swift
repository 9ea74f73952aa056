// A plain MDS writer: append samples, get shards and an index. For small or foreign sets; `prep shard` plans its shards beforehand
// (Sharding). Invariant: index.json is written last, so a folder without one is incomplete.
import Files

public final class MDSWriter {
    private let folder: String
    private let schema: MDSSchema
    private let provenance: ShardProvenance?
    private var pending: [[[UInt8]]] = []
    private var size: Int
    private var shards: [MDSShard] = []

    public init(folder: String, schema: MDSSchema, provenance: ShardProvenance? = nil) throws(ShardError) {
        for name in schema.hashes where !Digest.names.contains(name) { throw .invalidOption("hash \(name) is not known") }
        if let compression = schema.compression, MDSSchema.zstandardLevel(compression) == nil {
            throw .invalidOption("compression \(compression): expected zstd or zstd:N with N from 1 to 22")
        }
        self.folder = folder
        self.schema = schema
        self.provenance = provenance
        size = 8 + schema.config.count
        try fromFiles { () throws(FileError) in try FileIO.createFolder(folder) }
    }

    /// Adds one sample; `payloads` are in the order of the schema's columns.
    public func append(_ payloads: [[UInt8]]) throws(ShardError) {
        guard payloads.count == schema.columns.count else {
            throw .invalidOption("a sample of \(payloads.count) columns, expected \(schema.columns.count)")
        }
        let sampleSize = schema.sampleSize(payloadSizes: payloads.map(\.count)) + 4
        if let limit = schema.sizeLimit, limit < size + sampleSize, !pending.isEmpty { try flush() }
        pending.append(payloads)
        size += sampleSize
    }

    /// Writes what is pending and the index.
    public func finish() throws(ShardError) {
        if !pending.isEmpty { try flush() }
        let text = MDSIndex(shards: shards, provenance: provenance).text
        try fromFiles { () throws(FileError) in try FileIO.writeAtomically(text, to: folder + "/" + MDSIndex.name) }
    }

    private func flush() throws(ShardError) {
        let sizes = pending.map { schema.sampleSize(payloadSizes: $0.map(\.count)) }
        let buffer = try MDSShardBuffer(schema: schema, sampleSizes: sizes)
        for (index, payloads) in pending.enumerated() { try buffer.put(payloads, at: index) }
        shards.append(try buffer.write(number: shards.count, folder: folder))
        pending.removeAll()
        size = 8 + schema.config.count
    }
}
