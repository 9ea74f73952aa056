// An image on its way to the networks: decoded, converted to a network's channels, resized. As in sharding: channels first, then the size.
import Files
import Imaging
import Shards
import Training

struct PreparedImage: Sendable {
    /// [H,W,C] at the networks' size, by the number of channels that one of them reads.
    let pixels: [Int: [UInt8]]
    /// Of the image itself.
    let width: Int, height: Int
    /// The image itself, if it is still needed.
    let whole: Raster?
    let notes: [String]
}

struct Preparation: Sendable {
    private let size: Int
    private let channels: Set<Int>
    private let trainedBits: Int?
    private let keepsImages: Bool

    /// - Parameter models: of one image size, at least one.
    init(_ models: [TrainedModel], keepsImages: Bool) {
        size = models[0].imageSize
        channels = Set(models.map(Self.channels))
        trainedBits = models[0].metadata?.imageBits
        self.keepsImages = keepsImages
    }

    /// The channels that a network is given. A grey image in three channels gives the same result as in one.
    static func channels(_ model: TrainedModel) -> Int { model.channels ?? 3 }

    /// Prepares items on threads of their own.
    func begin(_ items: [BatchPredictor.Item], workers: Int) -> Work<[Result<PreparedImage, SegmentingError>]> {
        let preparation = self
        return Work("prepare") {
            ParallelMap.map(items, threads: workers) { item in
                Result { () throws(SegmentingError) in try preparation.prepare(item) }
            }
        }
    }

    /// A decoded picture, and what decoding changed.
    /// - Parameter trainedBits: of the training images, if the checkpoint records them.
    static func read(_ path: String, trainedBits: Int?, notes: inout [String]) throws(SegmentingError) -> Raster {
        let bytes = try SegmentingError.wrapping { () throws(FileError) in try FileIO.read(path) }
        let (decoded, depthNotes) = try Predictor.decode(bytes, path: path, trainedBits: trainedBits)
        notes += decoded.notes.map { "\($0)" } + depthNotes
        return decoded.raster
    }

    /// A picture in a network's channels and size.
    static func input(_ image: Raster, channels: Int, size: Int) -> Raster {
        image.converted(toChannels: channels).resizedBicubic(width: size, height: size)
    }

    private func prepare(_ item: BatchPredictor.Item) throws(SegmentingError) -> PreparedImage {
        let image: Raster
        var notes: [String] = []
        switch item.source {
        case .file(let path):
            image = try Self.read(path, trainedBits: trainedBits, notes: &notes)
        case .sample(let set, let index):
            let sample = try SegmentingError.wrapping { () throws(TrainingError) in
                try TrainingError.wrapping { () throws(ShardError) in try set.sample(at: index) }
            }
            image = Raster(width: set.imageWidth, height: set.imageHeight, channels: set.channels, pixels: sample.image)
        }
        var pixels: [Int: [UInt8]] = [:]
        for count in channels.sorted() {
            if let change = ChannelChange(from: image.channels, to: count), change.losesColour, !ChannelChange.isGrey(image) {
                notes.append(change.words)
            }
            pixels[count] = Self.input(image, channels: count, size: size).pixels
        }
        return PreparedImage(
            pixels: pixels, width: image.width, height: image.height, whole: keepsImages ? image : nil, notes: notes)
    }
}

/// A closure that runs on a thread of its own, and its result.
final class Work<Value: Sendable>: Sendable {
    private let box: Box
    private let thread: OwnThread

    /// Written by the thread, read only after it was joined.
    private final class Box: @unchecked Sendable { var value: Value? }

    init(_ name: String, _ body: @escaping @Sendable () -> Value) {
        let box = Box()
        self.box = box
        thread = OwnThread(name: name) { box.value = body() }
    }

    /// Waits for the closure.
    var value: Value {
        thread.join()
        guard let value = box.value else { preconditionFailure("a joined thread has its result") }
        return value
    }
}
