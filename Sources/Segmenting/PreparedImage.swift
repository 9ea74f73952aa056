// An image on its way to the network: decoded, converted to the network's channels, resized. As in Predictor and in sharding: channels
// first, then the size.
import Files
import Imaging
import Shards
import Training

struct PreparedImage: Sendable {
    /// [H,W,C] at the network's size.
    let pixels: [UInt8]
    let channels: Int
    /// Of the image itself.
    let width: Int, height: Int
    /// The image itself, if it is still needed.
    let whole: Raster?
    let notes: [String]
}

struct Preparation: Sendable {
    private let size: Int
    private let channels: Int
    private let trainedBits: Int?
    private let keepsImages: Bool

    init(_ model: TrainedModel, keepsImages: Bool) {
        size = model.imageSize
        // A grey image in three channels gives the same result as in one.
        channels = model.channels ?? 3
        trainedBits = model.metadata?.imageBits
        self.keepsImages = keepsImages
    }

    /// Prepares items on threads of their own.
    func begin(_ items: [BatchPredictor.Item], workers: Int) -> Work<[Result<PreparedImage, SegmentingError>]> {
        let preparation = self
        return Work("prepare") {
            ParallelMap.map(items, threads: workers) { item in
                Result { () throws(SegmentingError) in try preparation.prepare(item) }
            }
        }
    }

    private func prepare(_ item: BatchPredictor.Item) throws(SegmentingError) -> PreparedImage {
        let image: Raster
        var notes: [String] = []
        switch item.source {
        case .file(let path):
            let bytes = try SegmentingError.wrapping { () throws(FileError) in try FileIO.read(path) }
            let (decoded, depthNotes) = try Predictor.decode(bytes, path: path, trainedBits: trainedBits)
            image = decoded.raster
            notes = decoded.notes.map { "\($0)" } + depthNotes
        case .sample(let set, let index):
            let sample = try SegmentingError.wrapping { () throws(TrainingError) in
                try TrainingError.wrapping { () throws(ShardError) in try set.sample(at: index) }
            }
            image = Raster(width: set.imageWidth, height: set.imageHeight, channels: set.channels, pixels: sample.image)
        }
        if let change = ChannelChange(from: image.channels, to: channels), change.losesColour, !ChannelChange.isGrey(image) {
            notes.append(change.words)
        }
        return PreparedImage(
            pixels: image.converted(toChannels: channels).resizedBicubic(width: size, height: size).pixels, channels: channels,
            width: image.width, height: image.height, whole: keepsImages ? image : nil, notes: notes)
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
