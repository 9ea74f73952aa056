// Measures of a manifest's samples: images and masks are decoded again, on all cores.
import Datasets
import Files
import Imaging
import Text

extension DatasetStatistics {
    /// - Parameters:
    ///   - tokenizer: for token figures; nil leaves them out. `length` is the sequences' length.
    public static func measure(
        _ manifest: Manifest, path: String, tokenizer: WordPieceTokenizer? = nil, length: Int = 24, threads: Int,
        progress: (@Sendable (Int) -> Void)? = nil, cancellation: Cancellation = Cancellation()
    ) throws(StatisticsError) -> DatasetStatistics {
        let results: [Result<(SampleMeasure, UInt64), StatisticsError>]
        do {
            results = try ParallelMap.map(
                manifest.samples, threads: threads, cancellation: cancellation, progress: progress
            ) { sample in
                Result { () throws(StatisticsError) in try measure(sample, manifest, tokenizer, length) }
            }
        } catch {
            throw .cancelled
        }
        var measures: [SampleMeasure] = [], hashes: [(id: String, split: Split, hash: UInt64)] = []
        for result in results {
            let (measure, hash) = try result.get()
            measures.append(measure)
            hashes.append((measure.id, measure.split, hash))
        }
        return DatasetStatistics(name: manifest.name, source: .manifest, path: path, measures: measures, leakage: Leakage(hashes))
    }

    private static func measure(
        _ sample: ManifestSample, _ manifest: Manifest, _ tokenizer: WordPieceTokenizer?, _ length: Int
    ) throws(StatisticsError) -> (SampleMeasure, UInt64) {
        let image = try decoded(manifest.imagePath(sample)), maskPath = manifest.maskPath(sample)
        let mask: Raster
        do { mask = try Mask.binarise(try decoded(maskPath), threshold: manifest.maskThreshold) } catch let error as ImagingError {
            throw .sampleChanged(path: maskPath, reason: "\(error)")
        } catch let error as StatisticsError {
            throw error
        } catch {
            throw .sampleChanged(path: maskPath, reason: "\(error)")
        }
        let measure = SampleMeasure(
            id: sample.id, split: sample.split, width: image.width, height: image.height, image: image, mask: mask, caption: sample.caption,
            tokens: tokenizer.map { TokenMeasure(sample.caption, tokenizer: $0, length: length) })
        return (measure, PerceptualHash.hash(image))
    }

    private static func decoded(_ path: String) throws(StatisticsError) -> Raster {
        let bytes: [UInt8]
        do { bytes = try FileIO.read(path, limit: 1 << 30) } catch {
            if case .unreadable(_, let cause) = error { throw .sampleChanged(path: path, reason: "cannot be read (\(cause))") }
            throw .sampleChanged(path: path, reason: "is no longer there, or no longer an image file")
        }
        do { return try ImageDecoder.decode(bytes).raster } catch { throw .sampleChanged(path: path, reason: "\(error)") }
    }
}
