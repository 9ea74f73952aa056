// What is explained: an image as the network takes it, with what is known of it. From a picture's file or from shards.
import Files
import Foundation
import Imaging
import Metrics
import Segmenting
import Shards
import Text
import Training

public struct ExplanationSample: Sendable {
    public let id: String
    /// For drawing: a file's picture at its own size, a sample of shards at theirs.
    public let image: Raster
    /// The size of the original image, in whose pixels a point is counted.
    public let originalWidth: Int, originalHeight: Int
    /// The same as the network takes it: its size and channels.
    public let input: Raster
    /// 0/1 at the network's size; nil where it is not known.
    public let truth: Raster?
    /// Nil for a network that reads no text.
    public let caption: String?
    /// The caption under other variants, for a network that reads text.
    public let variants: [(variant: CaptionVariant, caption: VariedCaption)]
    /// What the user should know about how it was read.
    public let notes: [String]

    /// The variants whose effect is shown, in the order of the tables.
    static let shown: [CaptionVariant] = [.empty, .mirrored, .wrongCount]

    init(
        id: String, image: Raster, originalWidth: Int, originalHeight: Int, input: Raster, truth: Raster?, caption: String?,
        variants: [(variant: CaptionVariant, caption: VariedCaption)], notes: [String] = []
    ) {
        self.id = id
        self.image = image
        self.originalWidth = originalWidth
        self.originalHeight = originalHeight
        self.input = input
        self.truth = truth
        self.caption = caption
        self.variants = variants
        self.notes = notes
    }

    /// - Parameters:
    ///   - mask: a mask's file of the image's size; nil for none.
    ///   - caption: nil for a network that reads none.
    /// - Throws: for files that cannot be read, and a mask of another size than the image.
    public init(image path: String, mask: String?, caption: String?, predictor: Predictor) throws(ExplainingError) {
        var notes: [String] = []
        let (image, input) = try ExplainingError.wrapping { () throws(SegmentingError) in try predictor.pictures(path, notes: &notes) }
        let read = predictor.model.captions == nil ? nil : caption.map { CaptionText.normalised($0) }
        self.init(
            id: ((path as NSString).lastPathComponent as NSString).deletingPathExtension, image: image,
            originalWidth: image.width, originalHeight: image.height, input: input,
            truth: try mask.map { mask throws(ExplainingError) in try Self.mask(mask, of: image, size: input.width) }, caption: read,
            variants: read.map { read in Self.shown.map { ($0, $0.apply(to: [read], seed: 0).captions[0]) } } ?? [], notes: notes)
    }

    private static func mask(_ path: String, of image: Raster, size: Int) throws(ExplainingError) -> Raster {
        let bytes = try ExplainingError.wrapping { () throws(FileError) in try FileIO.read(path) }
        do throws(ImagingError) {
            let raster = try ImageDecoder.decode(bytes).raster
            guard raster.width == image.width, raster.height == image.height else {
                throw ImagingError.sizesDiffer(
                    first: "the mask", firstWidth: raster.width, firstHeight: raster.height, second: "the image",
                    secondWidth: image.width, secondHeight: image.height)
            }
            return try Mask.binarise(raster, width: size, height: size)
        } catch {
            throw .image(path: path, error)
        }
    }
}

/// The samples of a split that can be explained.
public struct ShardSamples {
    public let shards: String, split: String
    public let ids: [String]
    private let set: ShardSet
    private let model: TrainedModel
    /// All captions under each variant; empty where none is read.
    private let captions: [String]
    private let varied: [(variant: CaptionVariant, captions: VariedCaptions)]

    /// - Parameter withholdsText: every image gets an empty caption.
    /// - Throws: for shards that do not fit the model.
    public init(shards: String, split: String, model: TrainedModel, withholdsText: Bool) throws(ExplainingError) {
        self.shards = shards
        self.split = split
        self.model = model
        let set = try ExplainingError.wrapping { () throws(SegmentingError) in
            try SegmentingError.wrapping { () throws(TrainingError) in try RunPreparation.open(shards, split: split) }
        }
        guard set.imageSize == model.imageSize else {
            throw .segmenting(.otherImageSize(shards: shards, split: split, found: set.imageSize, wanted: model.imageSize))
        }
        let reads = model.captions != nil && !withholdsText
        if reads, !set.hasCaptions {
            throw .segmenting(
                .shardsWithoutCaptions(shards: shards, checkpoint: model.checkpoint, model: model.network.descriptor.name))
        }
        self.set = set
        (ids, captions) = try Self.shard { () throws(ShardError) in
            var ids: [String] = [], captions: [String] = []
            for index in 0..<set.count {
                let texts = try set.texts(of: index)
                ids.append(texts.id)
                captions.append(CaptionText.normalised(texts.caption ?? ""))
            }
            return (ids, captions)
        }
        let all = captions
        varied = reads ? ExplanationSample.shown.map { ($0, $0.apply(to: all, seed: 0)) } : []
    }

    /// - Throws: `.unknownSamples`.
    public func places(of wanted: [String]) throws(ExplainingError) -> [Int] {
        let places = Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
        let unknown = wanted.filter { places[$0] == nil }
        if !unknown.isEmpty { throw .unknownSamples(ids: unknown, shards: shards, split: split) }
        return wanted.compactMap { places[$0] }
    }

    public func sample(at index: Int) throws(ExplainingError) -> ExplanationSample {
        let stored = try Self.shard { () throws(ShardError) in try set.sample(at: index) }
        let image = Raster(width: set.imageWidth, height: set.imageHeight, channels: set.channels, pixels: stored.image)
        let caption = model.captions == nil ? nil : varied.isEmpty ? "" : captions[index]
        return ExplanationSample(
            id: stored.id, image: image, originalWidth: stored.width, originalHeight: stored.height,
            input: image.converted(toChannels: model.channels ?? image.channels),
            truth: Raster(width: set.imageWidth, height: set.imageHeight, channels: 1, pixels: stored.mask), caption: caption,
            variants: varied.map { ($0.variant, $0.captions.captions[index]) })
    }

    private static func shard<T>(_ body: () throws(ShardError) -> T) throws(ExplainingError) -> T {
        do throws(ShardError) { return try body() } catch { throw .segmenting(.training(.shards(error))) }
    }
}
