// The JSON shape of index.json and the checks on each entry: exact keys, versions, sizes, hash names, safe file names.
import Files

struct RawIndex: Decodable {
    let version: Int
    /// Absent only in indexes of other versions, which are refused by their version.
    let shards: [RawShardEntry]?
    let vlseg: RawProvenance?
}

struct RawFile: Decodable {
    let basename: String
    let bytes: Int
    let hashes: [String: String]

    init(from decoder: Decoder) throws {
        let container = try decoder.container(keyedBy: AnyKey.self)
        try container.requireExactly(["basename", "bytes", "hashes"])
        basename = try container.decode(String.self, forKey: AnyKey("basename"))
        bytes = try container.decode(Int.self, forKey: AnyKey("bytes"))
        hashes = try container.decode([String: String].self, forKey: AnyKey("hashes"))
    }

    func checked(_ which: String) throws(MDSReason) -> MDSFile {
        guard bytes >= 0, bytes <= MDSSchema.largestShard else {
            throw MDSReason(text: "\(which).bytes is \(bytes), expected 0 to \(MDSSchema.largestShard)")
        }
        let parts = basename.split(separator: "/", omittingEmptySubsequences: false)
        guard !basename.isEmpty, !basename.contains("\0"), parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
            throw MDSReason(text: "\(which).basename \"\(basename)\" is not a name inside the folder")
        }
        return MDSFile(basename: basename, bytes: bytes, hashes: hashes)
    }
}

struct RawShardEntry: Decodable {
    let encodings: [String]
    let names: [String]
    let sizes: [Int?]
    let compression: String?
    let format: String
    let hashes: [String]
    let raw: RawFile
    let zip: RawFile?
    let samples: Int
    let sizeLimit: Int?
    let version: Int

    init(from decoder: Decoder) throws {
        let container = try decoder.container(keyedBy: AnyKey.self)
        version = try container.decode(Int.self, forKey: AnyKey("version"))
        try container.requireExactly([
            "column_encodings", "column_names", "column_sizes", "compression", "format", "hashes", "raw_data", "zip_data",
            "samples", "size_limit", "version",
        ])
        encodings = try container.decode([String].self, forKey: AnyKey("column_encodings"))
        names = try container.decode([String].self, forKey: AnyKey("column_names"))
        sizes = try container.decode([Int?].self, forKey: AnyKey("column_sizes"))
        compression = try container.decode(String?.self, forKey: AnyKey("compression"))
        format = try container.decode(String.self, forKey: AnyKey("format"))
        hashes = try container.decode([String].self, forKey: AnyKey("hashes"))
        raw = try container.decode(RawFile.self, forKey: AnyKey("raw_data"))
        zip = try container.decode(RawFile?.self, forKey: AnyKey("zip_data"))
        samples = try container.decode(Int.self, forKey: AnyKey("samples"))
        sizeLimit = try container.decode(Int?.self, forKey: AnyKey("size_limit"))
    }

    func checked() throws(MDSReason) -> MDSShard {
        guard version == MDSSchema.version else { throw MDSReason(text: "MDS \(version)", isVersion: true) }
        guard format == "mds" else { throw MDSReason(text: "format is \"\(format)\", expected \"mds\"") }
        guard names.count == encodings.count, names.count == sizes.count, !names.isEmpty else {
            throw MDSReason(
                text:
                    "\(names.count) column_names, \(encodings.count) column_encodings, \(sizes.count) column_sizes: expected as many of "
                    + "each, at least one"
            )
        }
        guard names.count <= MDSSchema.columnLimit else {
            throw MDSReason(text: "\(names.count) columns, more than \(MDSSchema.columnLimit)")
        }
        guard Set(names).count == names.count else { throw MDSReason(text: "two columns of one name") }
        var columns: [MDSColumn] = []
        for ((name, encoding), size) in zip2(names, encodings, sizes) {
            let expected = MDSColumn.size(ofEncoding: encoding)
            if let expected, size != expected {
                throw MDSReason(
                    text: "column \(name): size \(size.map(String.init) ?? "null"), expected \(expected) for \(encoding)")
            }
            if let size, size <= 0 || size > MDSSchema.largestShard { throw MDSReason(text: "column \(name): size \(size)") }
            columns.append(MDSColumn(name: name, encoding: encoding, size: size))
        }
        guard (compression == nil) == (zip == nil) else {
            throw MDSReason(text: "compression and zip_data must both be null or both be given")
        }
        let raw = try raw.checked("raw_data")
        let zip = try zip?.checked("zip_data")
        // Every sample takes its place in the header, its fixed columns and the lengths of the others.
        let least = 4 + columns.reduce(0) { $0 + ($1.size ?? 4) }
        guard samples >= 0, samples <= (raw.bytes - 8) / least, 8 + samples * least <= raw.bytes else {
            throw MDSReason(text: "\(samples) samples do not fit in raw_data.bytes = \(raw.bytes)")
        }
        // zstd cannot shrink by more than about 32,768 times: a larger claim is a mistake or a trap.
        if let zip, raw.bytes / 40_000 > zip.bytes {
            throw MDSReason(text: "raw_data.bytes = \(raw.bytes) cannot come from zip_data.bytes = \(zip.bytes)")
        }
        let schema = MDSSchema(columns: columns, compression: compression, hashes: hashes, sizeLimit: sizeLimit)
        return MDSShard(schema: schema, samples: samples, raw: raw, zip: zip)
    }

    private func zip2(_ names: [String], _ encodings: [String], _ sizes: [Int?]) -> Zip2Sequence<Zip2Sequence<[String], [String]>, [Int?]> {
        Swift.zip(Swift.zip(names, encodings), sizes)
    }
}

/// A JSON member name known only at run time.
struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer where Key == AnyKey {
    /// Refuses missing and unknown members, as the reference readers do.
    func requireExactly(_ expected: Set<String>) throws {
        let found = Set(allKeys.map(\.stringValue))
        let missing = expected.subtracting(found).sorted()
        let unknown = found.subtracting(expected).sorted()
        guard missing.isEmpty, unknown.isEmpty else {
            var parts: [String] = []
            if !missing.isEmpty { parts.append("no \(missing.joined(separator: ", "))") }
            if !unknown.isEmpty { parts.append("unknown \(unknown.joined(separator: ", "))") }
            throw DecodingError.dataCorrupted(
                .init(codingPath: codingPath, debugDescription: parts.joined(separator: "; ")))
        }
    }
}
