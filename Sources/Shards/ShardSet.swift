// One split's shards, opened for reading: index and headers are checked when it opens, samples are reached by number.
// Not for order and batches (Loader).
import Files
import Synchronization
import Text

public final class ShardSet: Sendable {
    public let folder: String
    /// Number of samples.
    public let count: Int
    public let index: MDSIndex
    let layout: SampleLayout
    private let cache: ShardCache
    private let texts = Mutex<[Int: ShardTexts]>([:])
    /// Sample number at which each shard starts, and the total.
    private let starts: [Int]

    /// Unpacked bytes that are kept by default.
    public static let defaultMemory = 4 << 30

    /// Opens shards/NAME/SPLIT.
    /// - Parameter memory: bytes of unpacked shards to keep in memory.
    /// - Throws: `ShardError` for a folder without an index, another version, columns that are not a training set's, shards that are missing, of the
    ///   wrong size or with a damaged header.
    public init(folder: String, memory: Int = ShardSet.defaultMemory) throws(ShardError) {
        self.folder = folder
        index = try MDSIndex.read(folder: folder)
        guard let first = index.shards.first else {
            throw .malformedIndex(path: folder + "/" + MDSIndex.name, reason: "it lists no shards")
        }
        layout = try SampleLayout(first.schema, path: folder + "/" + MDSIndex.name)
        var starts = [0]
        for shard in index.shards {
            guard try SampleLayout(shard.schema, path: folder + "/" + shard.stored.basename) == layout else {
                throw .malformedIndex(path: folder + "/" + MDSIndex.name, reason: "\(shard.stored.basename) has other columns than the first shard")
            }
            try ShardSet.checkHeader(folder: folder, shard)
            starts.append((starts.last ?? 0) + shard.samples)
        }
        self.starts = starts
        count = starts.last ?? 0
        cache = ShardCache(folder: folder, shards: index.shards, budget: memory)
    }

    /// Height and width of all images and masks, channels of the images, tokens of the captions.
    public var imageHeight: Int { layout.imageHeight }
    public var imageWidth: Int { layout.imageWidth }
    public var imageSize: Int { layout.imageHeight }
    public var channels: Int { layout.channels }
    public var tokenLength: Int { layout.tokenLength }
    /// Nil for shards written by other programs.
    public var vocabularySHA256: String? { index.provenance?.vocabularySHA256 }
    public var fingerprint: String? { index.provenance?.fingerprint }

    /// Checks that a shard's file is there, has its declared size and begins with the header the index promises, without unpacking all of it.
    private static func checkHeader(folder: String, _ shard: MDSShard) throws(ShardError) {
        let path = folder + "/" + shard.stored.basename
        func damaged(_ reason: String) -> ShardError { .damaged(ShardProblem(path: path, reason: reason)) }
        guard FileIO.exists(path) else { throw damaged("the file is missing") }
        let file = try fromFiles { () throws(FileError) in try MappedFile(path) }
        guard file.bytes.count == shard.stored.bytes else {
            throw damaged("has \(file.bytes.count) bytes, the index declares \(shard.stored.bytes)")
        }
        // A zstd block holds at most 128 KiB unpacked: this much of the file surely unpacks to the header.
        let header = 4 + 4 * (shard.samples + 1)
        let prefix = Array(file.bytes.prefix(header + (1 << 18)))
        let begin: [UInt8]
        if shard.zip != nil {
            begin = Zstandard.decompressPrefix(prefix, size: min(header, shard.raw.bytes)).bytes
        } else {
            begin = prefix
        }
        if let reason = MDSShardData.headerFault(begin, samples: shard.samples, size: shard.raw.bytes) { throw damaged(reason) }
    }

    /// The shard that holds sample `index`, and the sample's number in it.
    func locate(_ index: Int) throws(ShardError) -> (data: MDSShardData, sample: Int) {
        guard (0..<count).contains(index) else { throw .invalidOption("\(folder): sample \(index) of \(count)") }
        let shard = shardNumber(of: index)
        return (try cache.shard(shard), index - starts[shard])
    }

    /// The shard of a sample that is in the set.
    private func shardNumber(of index: Int) -> Int {
        var low = 0, high = starts.count - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= index { low = middle } else { high = middle }
        }
        return low
    }

    /// Calls `body` with the shard's bytes and each column's range for one sample. The ranges' sizes are those of the layout.
    /// Allocates nothing.
    func withColumns(of index: Int, _ body: (UnsafeRawBufferPointer, UnsafeBufferPointer<Range<Int>>) -> Void) throws(ShardError) {
        let (data, sample) = try locate(index)
        let fault = withUnsafeTemporaryAllocation(of: Range<Int>.self, capacity: data.shard.schema.columns.count) { ranges -> String? in
            if let fault = data.columns(ofSample: sample, { ranges[$0] = $1 }) { return fault }
            data.bytes.withUnsafeBytes { body($0, UnsafeBufferPointer(ranges)) }
            return nil
        }
        if let fault { throw .damaged(ShardProblem(path: data.path, sample: "number \(index)", reason: fault)) }
    }

    /// The id and caption of a sample. Made once a shard and kept, so that handing them out allocates nothing.
    func texts(of index: Int) throws(ShardError) -> (id: String, caption: String) {
        let shard = shardNumber(of: index)
        let sample = index - starts[shard]
        if let texts = texts.withLock({ $0[shard] }) { return (texts.ids[sample], texts.captions[sample]) }
        var made = ShardTexts()
        for number in starts[shard]..<starts[shard + 1] {
            try withColumns(of: number) { bytes, ranges in
                made.ids.append(String(decoding: bytes[ranges[layout.id]], as: UTF8.self))
                made.captions.append(String(decoding: bytes[ranges[layout.caption]], as: UTF8.self))
            }
        }
        let done = made
        texts.withLock { $0[shard] = done }
        return (done.ids[sample], done.captions[sample])
    }

    /// One sample, copied out.
    public func sample(at index: Int) throws(ShardError) -> ShardSample {
        var sample: ShardSample?
        let layout = layout
        try withColumns(of: index) { bytes, ranges in
            func part(_ column: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[ranges[column]]) }
            func integer(_ column: Int) -> Int { Int(Int64(littleEndian: part(column).loadUnaligned(as: Int64.self))) }
            sample = ShardSample(
                id: String(decoding: part(layout.id), as: UTF8.self), image: Array(part(layout.image)), mask: Array(part(layout.mask)),
                caption: String(decoding: part(layout.caption), as: UTF8.self), tokens: Self.tokens(bytes, ranges, layout),
                width: integer(layout.width), height: integer(layout.height))
        }
        guard let sample else { throw .invalidOption("\(folder): sample \(index) could not be read") }
        return sample
    }

    private static func tokens(_ bytes: UnsafeRawBufferPointer, _ ranges: UnsafeBufferPointer<Range<Int>>, _ layout: SampleLayout) -> TokenSequence {
        let start = ranges[layout.tokens].lowerBound
        let ids = (0..<layout.tokenLength).map { Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4 * $0, as: Int32.self)) }
        return TokenSequence(ids: ids, attention: Array(bytes[ranges[layout.attention]]))
    }

    /// The distinct token sequences of all samples, in order of first appearance.
    /// - Parameter threads: threads that unpack shards.
    public func distinctTokens(threads: Int = ParallelMap.availableThreads) throws(ShardError) -> [TokenSequence] {
        let perShard = ParallelMap.map(Array(0..<(starts.count - 1)), threads: threads) { shard in
            Result { () throws(ShardError) in try self.distinctTokens(of: self.starts[shard]..<self.starts[shard + 1]) }
        }
        var seen = Set<TokenSequence>(), result: [TokenSequence] = []
        for found in perShard {
            for sequence in try found.get() where seen.insert(sequence).inserted { result.append(sequence) }
        }
        return result
    }

    private func distinctTokens(of samples: Range<Int>) throws(ShardError) -> [TokenSequence] {
        var seen = Set<TokenSequence>(), result: [TokenSequence] = []
        for index in samples {
            try withColumns(of: index) { bytes, ranges in
                let sequence = Self.tokens(bytes, ranges, layout)
                if seen.insert(sequence).inserted { result.append(sequence) }
            }
        }
        return result
    }
}

/// Ids and captions of one shard's samples.
private struct ShardTexts: Sendable {
    var ids: [String] = []
    var captions: [String] = []
}
