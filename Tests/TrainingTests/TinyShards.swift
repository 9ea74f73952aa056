// A small shard folder written with the plain MDS writer: small pictures of one bright square, captioned by its side, and a model small
// enough to train on them in a moment.
import Files
import Imaging
import Networks
import Shards
import Text
import Training

enum TinyShards {
    /// What shards hold of their captions.
    enum Captions { case tokens, text, none }

    static let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "square", "on", "the", "left", "right"]

    /// Writes train/ (10), val/ (4), test/ (3) and vocab.txt.
    /// - Parameters:
    ///   - perShard: samples in a shard; nil for one shard.
    ///   - size: the pictures' height and width, at least 64.
    ///   - words: the vocabulary of the tokens; `length` is theirs.
    ///   - captions: what there is of them; only tokens need vocab.txt.
    ///   - forEvaluation: with what evaluation alone reads: masks of pictures twice as large, a patient for each two pictures, another
    ///     caption of each.
    static func write(
        to folder: String, perShard: Int? = nil, size: Int = 64, fill: UInt8? = nil, words: [String] = words, length: Int = 24,
        captions: Captions = .tokens, forEvaluation: Bool = false
    ) throws {
        let vocabulary = try Vocabulary(tokens: words)
        try FileIO.createFolder(folder)
        if captions == .tokens { try vocabulary.write(to: folder + "/vocab.txt") }
        for (split, range) in [("train", 0..<10), ("val", 10..<14), ("test", 14..<17)] {
            try write(
                range, to: folder + "/" + split, tokenizer: WordPieceTokenizer(vocabulary: vocabulary), perShard: perShard, size: size,
                fill: fill, length: length, captions: captions, forEvaluation: forEvaluation)
        }
    }

    private static func write(
        _ range: Range<Int>, to folder: String, tokenizer: WordPieceTokenizer, perShard: Int?, size: Int, fill: UInt8?, length: Int,
        captions: Captions, forEvaluation: Bool
    ) throws {
        let all = [
            MDSColumn("attention", "ndarray:uint8:\(length)"), MDSColumn("caption", "str"), MDSColumn("group", "str"),
            MDSColumn("height", "int"), MDSColumn("id", "str"), MDSColumn("image", "ndarray:uint8:\(size),\(size),1"),
            MDSColumn("mask", "ndarray:uint8:\(size),\(size)"), MDSColumn("original_mask", "bytes"), MDSColumn("other_captions", "str"),
            MDSColumn("spacing", "ndarray:float64:2"), MDSColumn("tokens", "ndarray:int32:\(length)"), MDSColumn("width", "int"),
        ]
        let lacking: [String] =
            switch captions {
            case .tokens: []
            case .text: ["attention", "tokens"]
            case .none: ["attention", "caption", "tokens"]
            }
        let absent = lacking + (forEvaluation ? [] : ["group", "original_mask", "other_captions", "spacing"])
        let original = forEvaluation ? 2 * size : size
        let schema = MDSSchema(
            columns: all.filter { !absent.contains($0.name) }, compression: "zstd:3",
            sizeLimit: perShard.map { ($0 * 2 + 1) * size * size + 2000 } ?? MDSSchema.defaultSizeLimit)
        let writer = try MDSWriter(folder: folder, schema: schema)
        for index in range {
            let side = index % 2 == 0 ? "left" : "right"
            let caption = "square on the \(side)"
            let tokens = tokenizer.encode(caption, length: length)
            let (image, mask) = picture(index, size: size)
            let whole = (0..<original * original).map { mask[$0 / original * size / original * size + $0 % original * size / original] }
            let payloads: [[UInt8]] = [
                tokens.attention, Array(caption.utf8), Array("patient-\(index / 2)".utf8), bytes(Int64(original)),
                Array("sample-\(index)".utf8), image, fill.map { value in mask.map { _ in value } } ?? mask,
                MaskRuns.encode(Raster(width: original, height: original, channels: 1, pixels: whole)),
                Array("[\"the \(side) square\"]".utf8), spacing(index).flatMap { bytes($0.bitPattern) },
                tokens.ids.flatMap { id in bytes(id) }, bytes(Int64(original)),
            ]
            try writer.append(zip(all, payloads).filter { !absent.contains($0.0.name) }.map(\.1))
        }
        try writer.finish()
    }

    /// Millimetres a pixel, from row to row and from column to column; every other sample's are not known.
    static func spacing(_ index: Int) -> [Double] { index % 2 == 0 ? [0.5, 0.8] : [.nan, .nan] }

    private static func picture(_ index: Int, size: Int) -> (image: [UInt8], mask: [UInt8]) {
        var image = (0..<size * size).map { UInt8(($0 * 7 + index * 13) % 60) }
        var mask = [UInt8](repeating: 0, count: size * size)
        let top = 8 + index * 3 % 30, left = index % 2 == 0 ? 6 : 36
        for row in top..<top + 20 {
            for column in left..<left + 20 {
                image[row * size + column] = UInt8(180 + (row + column) % 50)
                mask[row * size + column] = 1
            }
        }
        return (image, mask)
    }

    private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    /// Settings for a small model on these shards.
    static func configuration(_ shards: String) -> RunConfiguration {
        var configuration = RunConfiguration(shards: shards)
        configuration.epochs = 3
        configuration.batchSize = 4
        configuration.seed = 5
        configuration.model.options["depths"] = "1,1,1,1"
        configuration.model.options["widths"] = "16,16,32,32"
        return configuration
    }
}
