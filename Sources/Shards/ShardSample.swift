// One sample as it is stored in a shard, and the columns of a training shard.
// Shape letters: H W rows and columns, C channels, N text tokens.
import Text

public struct ShardSample: Sendable {
    public let id: String
    /// uint8 [H,W,C].
    public let image: [UInt8]
    /// uint8 [H,W] of 0 and 1.
    public let mask: [UInt8]
    /// Nil in sets without captions.
    public let caption: String?
    /// Nil if the set has none: captions without tokens, or no captions.
    public let tokens: TokenSequence?
    /// Size of the original image.
    public let width: Int, height: Int
}

/// The positions of a training shard's columns in a schema, and the sizes that they declare. Tokens are a cache and may be missing; sets
/// without captions have neither captions nor tokens. The columns that evaluation alone reads may be missing.
struct SampleLayout: Sendable, Equatable {
    let id: Int, image: Int, mask: Int, caption: Int?, tokens: Int?, attention: Int?, height: Int, width: Int
    let group: Int?, originalMask: Int?, otherCaptions: Int?, spacing: Int?
    let imageHeight: Int, imageWidth: Int, channels: Int, tokenLength: Int

    /// - Parameter provenance: our own index entry; shards of other programs may lack tokens, and captions too.
    /// - Throws: `missingColumn` naming the first column that is absent or of another encoding.
    init(_ schema: MDSSchema, provenance: ShardProvenance?, path: String) throws(ShardError) {
        let columns = schema.columns, names = Set(columns.map(\.name))
        let hasTokens = provenance.map { $0.tokenLength != nil } ?? (names.contains("tokens") || names.contains("attention"))
        let hasCaptions = provenance?.hasCaptions ?? (hasTokens || names.contains("caption"))
        func find(_ name: String, _ expected: String, _ fits: (String) -> Bool) throws(ShardError) -> Int {
            guard let index = columns.firstIndex(where: { $0.name == name }) else {
                throw .missingColumn(
                    path: path, column: name, found: "columns " + columns.map(\.name).joined(separator: ", "), expected: expected)
            }
            guard fits(columns[index].encoding) else {
                throw .missingColumn(path: path, column: name, found: columns[index].encoding, expected: expected)
            }
            return index
        }
        func array(_ index: Int, _ element: String) -> [Int] {
            guard let found = MDSColumn.array(columns[index].encoding), found.element == element else { return [] }
            return found.dimensions
        }
        func isArray(_ encoding: String, _ element: String, rank: Int) -> Bool {
            guard let found = MDSColumn.array(encoding) else { return false }
            return found.element == element && found.dimensions.count == rank
        }
        id = try find("id", "str") { $0 == "str" }
        caption = hasCaptions ? try find("caption", "str") { $0 == "str" } : nil
        height = try find("height", "int") { $0 == "int" }
        width = try find("width", "int") { $0 == "int" }
        image = try find("image", "ndarray:uint8:H,W,C") { isArray($0, "uint8", rank: 3) }
        mask = try find("mask", "ndarray:uint8:H,W") { isArray($0, "uint8", rank: 2) }
        /// A column that may be missing. Other programs may have other columns of that name.
        func findIfThere(_ name: String, _ encoding: String) throws(ShardError) -> Int? {
            guard let index = columns.firstIndex(where: { $0.name == name }) else { return nil }
            if columns[index].encoding != encoding, provenance == nil { return nil }
            return try find(name, encoding) { $0 == encoding }
        }
        originalMask = try findIfThere(EvaluationColumns.originalMask, "bytes")
        spacing = try findIfThere(EvaluationColumns.spacing, EvaluationColumns.spacingEncoding)
        otherCaptions = try findIfThere(EvaluationColumns.otherCaptions, "str")
        group = try findIfThere(EvaluationColumns.group, "str")
        let size = array(image, "uint8")
        guard size[2] == 1 || size[2] == 3 else {
            throw .missingColumn(path: path, column: "image", found: "\(size[2]) channels", expected: "1 or 3")
        }
        guard array(mask, "uint8") == Array(size.prefix(2)) else {
            throw .missingColumn(
                path: path, column: "mask", found: columns[mask].encoding, expected: "ndarray:uint8:\(size[0]),\(size[1]), the image's size"
            )
        }
        (imageHeight, imageWidth, channels) = (size[0], size[1], size[2])
        guard hasTokens else {
            (tokens, attention, tokenLength) = (nil, nil, 0)
            return
        }
        let tokens = try find("tokens", "ndarray:int32:N") { isArray($0, "int32", rank: 1) }
        let attention = try find("attention", "ndarray:uint8:N") { isArray($0, "uint8", rank: 1) }
        let length = array(tokens, "int32")[0]
        guard array(attention, "uint8") == [length] else {
            throw .missingColumn(path: path, column: "attention", found: columns[attention].encoding, expected: "ndarray:uint8:\(length)")
        }
        (self.tokens, self.attention, tokenLength) = (tokens, attention, length)
    }

    var imageBytes: Int { imageHeight * imageWidth * channels }
    var maskBytes: Int { imageHeight * imageWidth }
}
