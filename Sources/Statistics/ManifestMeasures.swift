// Measures a manifest's samples: reads and decodes images and masks again, on all cores. A file that differs from what `prep ingest`
// recorded is an error.
import Datasets
import Files
import Imaging
import Text

extension MeasuredDataset {
    /// - Parameters:
    ///   - tokenizer: for token statistics; nil omits them. `length` is the length of the sequences.
    ///   - distance: number of bits in which near copies may differ, 0 to 8.
    public static func measure(
        _ manifest: Manifest, path: String, tokenizer: WordPieceTokenizer? = nil, length: Int = 24, distance: Int = Leakage.defaultDistance,
        threads: Int, progress: (@Sendable (Int) -> Void)? = nil, cancellation: Cancellation = Cancellation()
    ) throws(StatisticsError) -> MeasuredDataset {
        let results: [Result<(SampleMeasure, Leakage.Item), StatisticsError>]
        do {
            results = try ParallelMap.map(
                manifest.samples, threads: threads, cancellation: cancellation, progress: progress
            ) { sample in
                Result { () throws(StatisticsError) in try measure(sample, manifest, tokenizer, length) }
            }
        } catch {
            throw .cancelled
        }
        var measured: [(measure: SampleMeasure, item: Leakage.Item)] = []
        for result in results { measured.append(try result.get()) }
        return MeasuredDataset(
            name: manifest.name, source: .manifest, path: path, measured: measured, distance: distance,
            pictures: SamplePictures { index throws(StatisticsError) in try pictures(manifest.samples[index], manifest) })
    }

    private static func measure(
        _ sample: ManifestSample, _ manifest: Manifest, _ tokenizer: WordPieceTokenizer?, _ length: Int
    ) throws(StatisticsError) -> (SampleMeasure, Leakage.Item) {
        let (image, mask) = try pictures(sample, manifest)
        let measure = SampleMeasure(
            id: sample.id, split: sample.split, width: image.width, height: image.height, image: image, mask: mask, caption: sample.caption,
            tokens: tokenizer.flatMap { tokenizer in
                sample.caption.map { TokenMeasure($0, tokenizer: tokenizer, length: length) }
            })
        let item = Leakage.Item(
            id: sample.id, split: sample.split, patient: manifest.summary.options.groupBy == .study ? nil : sample.group,
            digest: sample.imageSHA256, fingerprint: try PictureFingerprint(image))
        return (measure, item)
    }

    private static func pictures(_ sample: ManifestSample, _ manifest: Manifest) throws(StatisticsError) -> (image: Raster, mask: Raster) {
        let image = try decoded(manifest.imagePath(sample), sample.imageSHA256, bitsUsed: manifest.imageBits)
        var masks: [Raster] = []
        for file in sample.masks {
            let path = manifest.root + "/" + file.mask
            let bytes = try read(path, file.maskSHA256)
            do { masks.append(try manifest.maskReading.mask(bytes)) } catch { throw .sampleChanged(path: path, reason: "\(error)") }
        }
        do { return (image, try Mask.union(masks)) } catch { throw .sampleChanged(path: manifest.maskPath(sample), reason: "\(error)") }
    }

    private static func decoded(_ path: String, _ sha256: String, bitsUsed: Int) throws(StatisticsError) -> Raster {
        let bytes = try read(path, sha256)
        do { return try ImageDecoder.decode(bytes, bitsUsed: bitsUsed).raster } catch {
            throw .sampleChanged(path: path, reason: "\(error)")
        }
    }

    private static func read(_ path: String, _ sha256: String) throws(StatisticsError) -> [UInt8] {
        let bytes: [UInt8]
        do { bytes = try FileIO.read(path, limit: 1 << 30) } catch {
            if case .unreadable(_, let cause) = error { throw .sampleChanged(path: path, reason: "cannot be read (\(cause))") }
            throw .sampleChanged(path: path, reason: "is no longer there, or no longer an image file")
        }
        guard Digest.sha256(bytes) == sha256 else {
            throw .sampleChanged(path: path, reason: "has other content than before (its SHA-256 differs)")
        }
        return bytes
    }
}
