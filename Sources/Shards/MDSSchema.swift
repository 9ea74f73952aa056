// The properties that all shards of an MDS dataset share: columns, compression, hashes, size limit; and the cut into shards.
// Not the files themselves (MDSShardBuffer, MDSShardReader) nor the index (MDSIndex).
import Files

/// One column: its name, its encoding as MDS spells it, and its size in bytes if that is fixed.
public struct MDSColumn: Sendable, Equatable {
    public let name: String
    public let encoding: String
    /// nil: every sample stores its own length.
    public let size: Int?

    public init(name: String, encoding: String, size: Int?) {
        self.name = name
        self.encoding = encoding
        self.size = size
    }

    /// A column whose size follows from its encoding.
    public init(_ name: String, _ encoding: String) {
        self.init(name: name, encoding: encoding, size: Self.size(ofEncoding: encoding))
    }

    private static let elementSizes = [
        "uint8": 1, "int8": 1, "uint16": 2, "int16": 2, "float16": 2, "uint32": 4, "int32": 4, "float32": 4, "uint64": 8,
        "int64": 8, "float64": 8,
    ]

    /// The fixed size in bytes of an encoding; nil for encodings of variable size, and for unknown ones.
    public static func size(ofEncoding encoding: String) -> Int? {
        if encoding == "int" { return 8 }
        if let size = elementSizes[encoding] { return size }
        guard let (element, dimensions) = array(encoding) else { return nil }
        return dimensions.reduce(elementSizes[element] ?? 0, *)
    }

    /// The element type and dimensions of an `ndarray:TYPE:D0,D1,...` encoding.
    public static func array(_ encoding: String) -> (element: String, dimensions: [Int])? {
        let parts = encoding.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "ndarray", elementSizes[String(parts[1])] != nil else { return nil }
        let dimensions = parts[2].split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        // 2^16 per dimension and 2^32 in all: far above any image here, far below an overflow.
        guard dimensions.count <= 8, dimensions.allSatisfy({ (1...65536).contains($0) }) else { return nil }
        var product = 1
        for dimension in dimensions {
            product *= dimension
            if product > 1 << 32 { return nil }
        }
        return (String(parts[1]), dimensions)
    }
}

public struct MDSSchema: Sendable, Equatable {
    /// In the order of their bytes; the reference writer sorts them by name.
    public let columns: [MDSColumn]
    /// "zstd:3" as in the index; nil for uncompressed shards.
    public let compression: String?
    /// Sorted and unique.
    public let hashes: [String]
    /// Largest shard in bytes; nil: one shard.
    public let sizeLimit: Int?

    public static let version = 2
    public static let defaultHashes = ["sha256", "xxh3_64"]
    public static let defaultSizeLimit = 1 << 26
    /// Far above any training set's columns.
    static let columnLimit = 256
    /// The largest offset that fits.
    static let largestShard = Int(UInt32.max)

    public init(columns: [MDSColumn], compression: String?, hashes: [String] = defaultHashes, sizeLimit: Int? = defaultSizeLimit) {
        self.columns = columns
        self.compression = compression
        self.hashes = Set(hashes).sorted()
        self.sizeLimit = sizeLimit
    }

    /// The members shared by the config inside a shard and its entry in the index.
    var members: [String: PythonJSON] {
        [
            "column_encodings": .array(columns.map { .string($0.encoding) }),
            "column_names": .array(columns.map { .string($0.name) }),
            "column_sizes": .array(columns.map { $0.size.map { .integer($0) } ?? .null }),
            "compression": compression.map { .string($0) } ?? .null,
            "format": .string("mds"),
            "hashes": .array(hashes.map { .string($0) }),
            "size_limit": sizeLimit.map { .integer($0) } ?? .null,
            "version": .integer(Self.version),
        ]
    }

    /// The config text inside each shard.
    public var config: [UInt8] { Array(PythonJSON.object(members).text.utf8) }

    /// Bytes of a sample: a length for each variable column, then all payloads.
    public func sampleSize(payloadSizes: [Int]) -> Int {
        payloadSizes.reduce(0, +) + 4 * columns.count { $0.size == nil }
    }

    /// Which samples go into which shard. The cuts are those of the reference writer, except that there is no empty first shard if the very
    /// first sample is larger than the limit.
    /// - Parameter sampleSizes: the bytes of each sample, in order.
    public func cut(sampleSizes: [Int]) throws(ShardError) -> [Range<Int>] {
        let empty = 8 + config.count
        var ranges: [Range<Int>] = []
        var start = 0
        var size = empty
        for (index, sampleSize) in sampleSizes.enumerated() {
            if let sizeLimit, sizeLimit < size + sampleSize + 4, index > start {
                ranges.append(start..<index)
                start = index
                size = empty
            }
            size += sampleSize + 4
            guard size <= Self.largestShard else { throw .tooLarge(what: "a shard with sample number \(index)", bytes: size) }
        }
        if start < sampleSizes.count { ranges.append(start..<sampleSizes.count) }
        return ranges
    }

    /// The level of a `zstd` or `zstd:N` compression; nil for any other text.
    static func zstandardLevel(_ compression: String) -> Int? {
        if compression == "zstd" { return 3 }
        guard compression.hasPrefix("zstd:"), let level = Int(compression.dropFirst(5)), Zstandard.levels.contains(level) else {
            return nil
        }
        return level
    }
}
