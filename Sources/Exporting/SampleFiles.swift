// The files of one sample as bytes: PNG image, PNG mask of 0 and 255. The pixels are exactly those of the shards.
import Files
import Imaging
import Shards
import Synchronization

enum SampleFiles {
    static func image(_ sample: ShardSample, of set: ShardSet) throws(ExportError) -> [UInt8] {
        try png(Raster(width: set.imageWidth, height: set.imageHeight, channels: set.channels, pixels: sample.image), sample.id)
    }

    static func mask(_ sample: ShardSample, of set: ShardSet) throws(ExportError) -> [UInt8] {
        try png(
            Raster(width: set.imageWidth, height: set.imageHeight, channels: 1, pixels: sample.mask.map { $0 == 0 ? 0 : 255 }), sample.id)
    }

    private static func png(_ raster: Raster, _ id: String) throws(ExportError) -> [UInt8] {
        do throws(ImagingError) { return try PNGEncoder.encode(raster) } catch { throw .picture(id: id, reason: error) }
    }
}

/// Counts samples of all splits for one progress line.
final class ProgressCounter: Sendable {
    private let total: Int
    private let report: (@Sendable (_ done: Int, _ total: Int) -> Void)?
    private let done = Mutex(0)

    init(total: Int, report: (@Sendable (_ done: Int, _ total: Int) -> Void)?) {
        self.total = total
        self.report = report
    }

    func add(_ count: Int) {
        let now = done.withLock { done in
            done += count
            return done
        }
        report?(now, total)
    }
}

/// Runs work on samples in parallel; throws the first error in the order of the samples.
func forEachSample<Value: Sendable>(
    _ indices: Range<Int>, threads: Int, cancellation: Cancellation, _ body: @escaping @Sendable (Int) throws(ExportError) -> Value
) throws(ExportError) -> [Value] {
    let results: [Result<Value, ExportError>]
    do {
        results = try ParallelMap.map(Array(indices), threads: threads, cancellation: cancellation, progress: nil) { index in
            Result { () throws(ExportError) in try body(index) }
        }
    } catch { throw .cancelled }
    var values: [Value] = []
    for result in results { values.append(try result.get()) }
    return values
}
