// index.json of an MDS folder: the shards with their columns, sizes and hashes. Version 2; keys are checked exactly as the reference
// readers check them. Unknown top-level keys are allowed; ours is "vlseg".
import Files
import Foundation

/// One file of a shard: its name in the folder, its size and its hashes by algorithm.
public struct MDSFile: Sendable, Equatable {
    public let basename: String
    public let bytes: Int
    public let hashes: [String: String]
}

public struct MDSShard: Sendable, Equatable {
    public let schema: MDSSchema
    public let samples: Int
    public let raw: MDSFile
    /// The compressed file, if there is one.
    public let zip: MDSFile?

    /// The file that holds the samples.
    public var stored: MDSFile { zip ?? raw }

    var json: PythonJSON {
        var members = schema.members
        func file(_ file: MDSFile) -> PythonJSON {
            .object([
                "basename": .string(file.basename), "bytes": .integer(file.bytes),
                "hashes": .object(file.hashes.mapValues { .string($0) }),
            ])
        }
        members["raw_data"] = file(raw)
        members["zip_data"] = zip.map(file) ?? .null
        members["samples"] = .integer(samples)
        return .object(members)
    }
}

public struct MDSIndex: Sendable, Equatable {
    public static let name = "index.json"
    /// Largest index that is read: about half a million shards.
    public static let sizeLimit = 1 << 28
    public let shards: [MDSShard]
    /// Our own top-level entry; nil in indexes written (or merged) by others.
    public let provenance: ShardProvenance?

    public init(shards: [MDSShard], provenance: ShardProvenance?) {
        self.shards = shards
        self.provenance = provenance
    }

    public var text: String {
        var members: [String: PythonJSON] = [
            "version": .integer(MDSSchema.version), "shards": .array(shards.map(\.json)),
        ]
        if let provenance { members["vlseg"] = provenance.json }
        return PythonJSON.object(members).text
    }

    /// Reads and checks the index of a folder.
    public static func read(folder: String) throws(ShardError) -> MDSIndex {
        let path = folder + "/" + name
        guard FileIO.exists(path) else { throw .notAShardFolder(path: folder) }
        return try parse(fromFiles { () throws(FileError) in try FileIO.read(path, limit: sizeLimit) }, path: path)
    }

    public static func parse(_ bytes: [UInt8], path: String) throws(ShardError) -> MDSIndex {
        do {
            let raw = try JSONDecoder().decode(RawIndex.self, from: Data(bytes))
            guard raw.version == MDSSchema.version else {
                throw ShardError.foreignVersion(path: path, found: "MDS \(raw.version)", expected: "MDS \(MDSSchema.version)")
            }
            if let vlseg = raw.vlseg, !ShardProvenance.versions.contains(vlseg.formatVersion) {
                throw ShardError.foreignVersion(
                    path: path, found: "\(vlseg.formatVersion)",
                    expected: "\(ShardProvenance.versions.lowerBound) or \(ShardProvenance.versions.upperBound)")
            }
            guard let entries = raw.shards else { throw MDSReason(text: "no shards") }
            let shards = try entries.enumerated().map { number, shard in
                do throws(MDSReason) { return try shard.checked() } catch {
                    if error.isVersion { throw ShardError.foreignVersion(path: path, found: error.text, expected: "MDS 2") }
                    throw ShardError.malformedIndex(path: path, reason: "shard \(number): \(error.text)")
                }
            }
            return MDSIndex(shards: shards, provenance: try raw.vlseg?.checked())
        } catch let error as ShardError {
            throw error
        } catch let error as MDSReason {
            throw .malformedIndex(path: path, reason: error.text)
        } catch let error as DecodingError {
            throw .malformedIndex(path: path, reason: reason(error))
        } catch {
            throw .malformedIndex(path: path, reason: "not JSON")
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? "." + $0.stringValue }.joined()
            return path.isEmpty ? "top level" : String(path.drop { $0 == "." })
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context)): no \(key.stringValue)"
        case .typeMismatch(let type, let context): return "\(place(context)): expected \(type)"
        case .valueNotFound(let type, let context): return "\(place(context)): found null, expected \(type)"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "not JSON" : "\(place(context)): \(context.debugDescription)"
        @unknown default: return "not JSON"
        }
    }
}

/// Why an entry of an index is refused, as text.
struct MDSReason: Error {
    let text: String
    var isVersion = false
}
