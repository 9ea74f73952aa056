// The shards of one split, opened for reading: index and headers are checked at opening, samples are accessed by number.
// Not for order and batches (Loader).
import Files
import Text

public final class ShardSet: Sendable {
    public let folder: String
    /// Number of samples.
    public let count: Int
    /// The shards to read: those of index.json except the ones left out.
    public let index: MDSIndex
    /// The unchanged index.json.
    public let declared: MDSIndex
    let layout: SampleLayout
    /// Tokens that replace the stored ones.
    private let made: CaptionTokens?
    private let cache: ShardCache
    /// Sample number at which each shard starts, and the total.
    private let starts: [Int]

    /// Unpacked bytes that are kept by default.
    public static let defaultMemory = 4 << 30

    /// Opens shards/NAME/SPLIT.
    /// - Parameters:
    ///   - memory: bytes of unpacked shards to keep in memory.
    ///   - leftOut: names of shards that are ignored, as if the index did not list them.
    /// - Throws: `ShardError` for a folder without an index, another version, columns that are not those of a training set, shards that are
    ///   missing, have the wrong size or a damaged header.
    public init(folder: String, memory: Int = ShardSet.defaultMemory, leavingOut leftOut: Set<String> = []) throws(ShardError) {
        self.folder = folder
        declared = try MDSIndex.read(folder: folder)
        index = MDSIndex(shards: declared.shards.filter { !leftOut.contains($0.stored.basename) }, provenance: declared.provenance)
        guard let first = index.shards.first else {
            throw .malformedIndex(path: folder + "/" + MDSIndex.name, reason: "it lists no shards")
        }
        layout = try SampleLayout(first.schema, provenance: index.provenance, path: folder + "/" + MDSIndex.name)
        var starts = [0]
        for shard in index.shards {
            let path = folder + "/" + shard.stored.basename
            guard try SampleLayout(shard.schema, provenance: index.provenance, path: path) == layout else {
                throw .malformedIndex(
                    path: folder + "/" + MDSIndex.name, reason: "\(shard.stored.basename) has other columns than the first shard")
            }
            starts.append((starts.last ?? 0) + shard.samples)
        }
        self.starts = starts
        count = starts.last ?? 0
        cache = ShardCache(folder: folder, shards: index.shards, budget: memory)
        made = nil
        try Self.checkHeaders(index.shards, folder: folder)
    }

    /// The same open shards with other tokens.
    init(_ shards: ShardSet, made tokens: CaptionTokens) {
        folder = shards.folder
        count = shards.count
        index = shards.index
        declared = shards.declared
        layout = shards.layout
        made = tokens
        cache = shards.cache
        starts = shards.starts
    }

    /// Changes the number of bytes of unpacked shards to keep.
    func limit(memory: Int) { cache.limit(to: memory) }
    /// Bytes of unpacked shards to keep.
    var memory: Int { cache.limit }

    /// Numbers of the samples in each shard.
    var samplesPerShard: [Int] { index.shards.map(\.samples) }
    /// Bytes of the largest unpacked shard, and of all shards.
    var largestShard: Int { index.shards.lazy.map(\.raw.bytes).max() ?? 0 }
    var unpackedBytes: Int { index.shards.reduce(0) { $0 + $1.raw.bytes } }

    /// Height and width of all images and masks, channels of the images, tokens of the captions.
    public var imageHeight: Int { layout.imageHeight }
    public var imageWidth: Int { layout.imageWidth }
    public var imageSize: Int { layout.imageHeight }
    public var channels: Int { layout.channels }
    /// 0 if the shards hold no tokens and none were made.
    public var tokenLength: Int { made?.length ?? layout.tokenLength }
    /// Whether samples have captions, and whether the shards hold their tokens.
    public var hasCaptions: Bool { layout.caption != nil }
    public var storesTokens: Bool { layout.tokens != nil }
    /// Whether the tokens were made by `tokenised` instead of read from the shards.
    public var hasMadeTokens: Bool { made != nil }
    /// SHA-256 of the stored tokens' vocabulary; nil if there are no tokens, or if another program wrote the shards.
    public var vocabularySHA256: String? { index.provenance?.vocabularySHA256 }
    /// How many of their lower bits 16-bit images used; nil for all, or if it is not recorded.
    public var imageBits: Int? { index.provenance?.imageBits }
    public var fingerprint: String? { index.provenance?.fingerprint }

    /// Checks that the files of all shards exist, have their declared sizes and begin with the headers that the index describes.
    /// - Throws: the fault of the first bad shard.
    private static func checkHeaders(_ shards: [MDSShard], folder: String) throws(ShardError) {
        let parts = min(max(1, shards.count / 8), ParallelMap.availableThreads)
        let faults = ParallelMap.map(Array(0..<parts), threads: parts) { part -> Result<Void, ShardError> in
            Result { () throws(ShardError) in
                let unpacker = ShardUnpacker()
                for number in (part * shards.count / parts)..<((part + 1) * shards.count / parts) {
                    try unpacker.checkHeader(shards[number], folder: folder)
                }
            }
        }
        for fault in faults { try fault.get() }
    }

    /// The shard that holds sample `index`, and the sample's number in it.
    func locate(_ index: Int) throws(ShardError) -> (data: UnpackedShard, sample: Int) {
        guard (0..<count).contains(index) else { throw .invalidOption("\(folder): sample \(index) of \(count)") }
        let shard = shardNumber(of: index)
        return (try cache.shard(shard), index - starts[shard])
    }

    func samples(ofShard shard: Int) -> Range<Int> { starts[shard]..<starts[shard + 1] }

    /// The shard of a sample that is in the set.
    func shardNumber(of index: Int) -> Int {
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
            body(data.bytes, UnsafeBufferPointer(ranges))
            return nil
        }
        if let fault { throw .damaged(ShardProblem(path: data.path, sample: "number \(index)", reason: fault)) }
    }

    /// Reads and unpacks a shard before its first sample is needed.
    func load(shard: Int) throws(ShardError) { _ = try cache.shard(shard) }

    /// The id and caption of a sample.
    package func texts(of index: Int) throws(ShardError) -> (id: String, caption: String?) {
        var id = "", caption: String?
        try withColumns(of: index) { bytes, ranges in
            id = String(decoding: bytes[ranges[layout.id]], as: UTF8.self)
            caption = layout.caption.map { String(decoding: bytes[ranges[$0]], as: UTF8.self) }
        }
        return (id, caption)
    }

    /// Calls `body` with the bytes of a sample's mask.
    func withMask(of index: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws(ShardError) {
        let column = layout.mask
        try withColumns(of: index) { bytes, ranges in body(UnsafeRawBufferPointer(rebasing: bytes[ranges[column]])) }
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
                caption: layout.caption.map { String(decoding: part($0), as: UTF8.self) },
                tokens: made?.sequence(of: index) ?? Self.tokens(bytes, ranges, layout),
                width: integer(layout.width), height: integer(layout.height))
        }
        guard let sample else { throw .invalidOption("\(folder): sample \(index) could not be read") }
        return sample
    }

    /// The stored tokens; nil if there are none.
    private static func tokens(
        _ bytes: UnsafeRawBufferPointer, _ ranges: UnsafeBufferPointer<Range<Int>>, _ layout: SampleLayout
    ) -> TokenSequence? {
        guard let tokens = layout.tokens, let attention = layout.attention else { return nil }
        let start = ranges[tokens].lowerBound
        let ids = (0..<layout.tokenLength).map { Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4 * $0, as: Int32.self)) }
        return TokenSequence(ids: ids, attention: Array(bytes[ranges[attention]]))
    }

    /// The tokens that replace a sample's stored tokens.
    func madeTokens(of index: Int) -> TokenSequence? { made?.sequence(of: index) }

    /// The distinct token sequences of all samples, in order of first appearance.
    /// - Parameter threads: threads that unpack shards.
    public func distinctTokens(threads: Int = ParallelMap.availableThreads) throws(ShardError) -> [TokenSequence] {
        if let made { return made.sequences }
        let perShard = ParallelMap.map(Array(0..<(starts.count - 1)), threads: threads) { shard in
            Result { () throws(ShardError) in try self.distinctTokens(of: self.samples(ofShard: shard)) }
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
                guard let sequence = Self.tokens(bytes, ranges, layout) else { return }
                if seen.insert(sequence).inserted { result.append(sequence) }
            }
        }
        return result
    }
}
