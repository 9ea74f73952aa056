// The "vlseg" entry of index.json: what made these shards and from what. Ignored by other MDS readers.

public struct ShardProvenance: Sendable, Equatable {
    /// The formats that are read. The first has captions and tokens. The second lacks tokens, or captions too; programs that need them
    /// refuse it by its number.
    public static let versions = 1...2
    /// The value that the second format has for a missing column.
    static let none = "none"

    public let dataset: String
    public let split: String
    /// SHA-256 over the inputs and options of the columns that training reads. Equal fingerprints mean equal bytes of these columns, and
    /// the same samples in each shard.
    public let fingerprint: String
    /// The same for the columns that evaluation alone reads; nil if there are none, as in shards of earlier programs. Programs that do not
    /// know these columns pass over them, so the formats keep their numbers.
    public let evaluationFingerprint: String?
    /// Whether each sample has a caption; otherwise none has.
    public let hasCaptions: Bool
    /// SHA-256 of the vocabulary's tokens, one a line, and the length of the tokens; nil in shards without tokens.
    public let vocabularySHA256: String?
    public let tokenLength: Int?
    /// Height and width of every image and mask.
    public let imageSize: Int
    public let channels: Int
    /// SHA-256 of samples.jsonl, which holds a hash of every sample.
    public let samplesSHA256: String
    /// How many of their lower bits 16-bit images used; nil for all 16, or if there were no such images.
    public let imageBits: Int?

    var formatVersion: Int { tokenLength == nil ? 2 : 1 }

    var json: PythonJSON {
        var members: [String: PythonJSON] = [
            "formatVersion": .integer(formatVersion), "dataset": .string(dataset), "split": .string(split),
            "fingerprint": .string(fingerprint), "imageSize": .integer(imageSize), "channels": .integer(channels),
            "samplesSha256": .string(samplesSHA256),
        ]
        if let evaluationFingerprint { members["evaluationFingerprint"] = .string(evaluationFingerprint) }
        if let vocabularySHA256 { members["vocabularySha256"] = .string(vocabularySHA256) }
        if let tokenLength { members["tokenLength"] = .integer(tokenLength) } else { members["tokens"] = .string(Self.none) }
        if !hasCaptions { members["captions"] = .string(Self.none) }
        if let imageBits { members["imageBits"] = .integer(imageBits) }
        return .object(members)
    }
}

struct RawProvenance: Decodable {
    let formatVersion: Int
    // Optional, so that an entry of another version is refused for its version and not for missing members.
    let dataset: String?
    let split: String?
    let fingerprint: String?
    let evaluationFingerprint: String?
    let vocabularySha256: String?
    let tokenLength: Int?
    let imageSize: Int?
    let channels: Int?
    let samplesSha256: String?
    let imageBits: Int?
    let captions: String?
    let tokens: String?

    func checked() throws(MDSReason) -> ShardProvenance {
        guard let dataset, let split, let fingerprint, let imageSize, let channels, let samplesSha256 else {
            throw MDSReason(text: "vlseg: a member is missing")
        }
        let isFirst = formatVersion == 1
        guard (vocabularySha256 != nil) == isFirst, (tokenLength != nil) == isFirst else {
            throw MDSReason(text: "vlseg: vocabularySha256 and tokenLength, expected \(isFirst ? "both" : "neither")")
        }
        guard tokens == (isFirst ? nil : ShardProvenance.none), captions == nil || !isFirst && captions == ShardProvenance.none else {
            throw MDSReason(
                text: "vlseg: captions is \(captions ?? "not there"), tokens \(tokens ?? "not there") in format \(formatVersion)")
        }
        return ShardProvenance(
            dataset: dataset, split: split, fingerprint: fingerprint, evaluationFingerprint: evaluationFingerprint,
            hasCaptions: captions == nil, vocabularySHA256: vocabularySha256, tokenLength: tokenLength, imageSize: imageSize,
            channels: channels, samplesSHA256: samplesSha256, imageBits: imageBits)
    }
}
