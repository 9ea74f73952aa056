// The "vlseg" entry of index.json: what made these shards and from what. Ignored by other MDS readers.

public struct ShardProvenance: Sendable, Equatable {
    /// Raised when shards of older programs must not be read any more.
    public static let currentVersion = 1

    public let dataset: String
    public let split: String
    /// SHA-256 over all inputs and options; equal fingerprints mean equal bytes.
    public let fingerprint: String
    /// SHA-256 of the vocabulary's tokens, one a line.
    public let vocabularySHA256: String
    public let tokenLength: Int
    /// Height and width of every image and mask.
    public let imageSize: Int
    public let channels: Int
    /// SHA-256 of samples.jsonl, which holds a hash of every sample.
    public let samplesSHA256: String
    /// How many of their lower bits 16-bit images used; nil for all 16, or where there were no such images.
    public let imageBits: Int?

    var json: PythonJSON {
        var members: [String: PythonJSON] = [
            "formatVersion": .integer(Self.currentVersion), "dataset": .string(dataset), "split": .string(split),
            "fingerprint": .string(fingerprint), "vocabularySha256": .string(vocabularySHA256),
            "tokenLength": .integer(tokenLength), "imageSize": .integer(imageSize), "channels": .integer(channels),
            "samplesSha256": .string(samplesSHA256),
        ]
        if let imageBits { members["imageBits"] = .integer(imageBits) }
        return .object(members)
    }
}

struct RawProvenance: Decodable {
    let formatVersion: Int
    // Optional, so that an entry of another version is refused by its version and not by its members.
    let dataset: String?
    let split: String?
    let fingerprint: String?
    let vocabularySha256: String?
    let tokenLength: Int?
    let imageSize: Int?
    let channels: Int?
    let samplesSha256: String?
    let imageBits: Int?

    func checked() throws(MDSReason) -> ShardProvenance {
        guard let dataset, let split, let fingerprint, let vocabularySha256, let tokenLength, let imageSize, let channels,
            let samplesSha256
        else { throw MDSReason(text: "vlseg: a member is missing") }
        return ShardProvenance(
            dataset: dataset, split: split, fingerprint: fingerprint, vocabularySHA256: vocabularySha256,
            tokenLength: tokenLength, imageSize: imageSize, channels: channels, samplesSHA256: samplesSha256, imageBits: imageBits)
    }
}
