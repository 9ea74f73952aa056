// Turns one sample of a manifest into the payloads of a shard row: reads it, checks its hash, decodes, resizes and tokenises it.
// Pure except for reading the two files. Not for the place of the row (ShardBuild).
import Datasets
import Files
import Imaging
import Text

struct SamplePreparation: Sendable {
    let manifest: Manifest
    let options: ShardingOptions
    let channels: Int
    /// Nil if the shards hold no tokens.
    let tokenizer: WordPieceTokenizer?
    let evaluation: EvaluationColumns

    init(manifest: Manifest, options: ShardingOptions, channels: Int, tokenizer: WordPieceTokenizer?) {
        (self.manifest, self.options, self.channels, self.tokenizer) = (manifest, options, channels, tokenizer)
        evaluation = EvaluationColumns(manifest, options)
    }

    /// The bytes of every column of the training schema, in its order, known before anything is decoded.
    func payloadSizes(_ sample: ManifestSample) -> [Int] {
        let pixels = options.size * options.size
        let (attention, tokens) = tokenizer == nil ? ([], []) : ([options.tokenLength], [4 * options.tokenLength])
        let caption = sample.caption.map { [$0.utf8.count] } ?? []
        return attention + caption + [8, sample.id.utf8.count, pixels * channels, pixels] + tokens + [8]
    }

    /// The payloads by the names of their columns.
    func payloads(_ sample: ManifestSample) throws(ShardProblem) -> [String: [UInt8]] {
        let image = try decode(manifest.imagePath(sample), sample, sha256: sample.imageSHA256, bitsUsed: manifest.imageBits)
        let size = options.size
        let masks = try masks(sample)
        let coloured = image.converted(toChannels: channels)
        let resized =
            switch options.resize {
            case .pillow: coloured.resizedBicubic(width: size, height: size)
            case .reference: coloured.resizedBicubicReference(width: size, height: size)
            }
        let tokens = sample.caption.flatMap { tokenizer?.encode(CaptionText.normalised($0), length: options.tokenLength) }
        var payloads = evaluation.payloads(sample) { masks.own.resizedNearest(width: image.width, height: image.height) }
        payloads["attention"] = tokens?.attention
        payloads["caption"] = sample.caption.map { Array($0.utf8) }
        payloads["height"] = Self.bytes(Int64(image.height))
        payloads["id"] = Array(sample.id.utf8)
        payloads["image"] = resized.pixels
        payloads["mask"] = masks.training.pixels
        payloads["tokens"] = tokens.map { $0.ids.flatMap { Self.bytes($0) } }
        payloads["width"] = Self.bytes(Int64(image.width))
        return payloads
    }

    /// All masks of a sample, united: at the training size, and at the files' own size. Without original masks only the former is made,
    /// and `own` is the same.
    private func masks(_ sample: ManifestSample) throws(ShardProblem) -> (training: Raster, own: Raster) {
        let reading = manifest.maskReading
        var masks: [Raster] = []
        for file in sample.masks {
            let path = manifest.root + "/" + file.mask
            let bytes = try read(path, sample, sha256: file.maskSHA256)
            do throws(ImagingError) {
                masks.append(
                    evaluation.storesOriginalMasks
                        ? try reading.mask(bytes) : try reading.mask(bytes, width: options.size, height: options.size))
            } catch {
                throw ShardProblem(path: path, sample: sample.id, reason: "\(error)")
            }
        }
        do throws(ImagingError) {
            let own = try Mask.union(masks)
            // Taking the nearest pixel and uniting exchange: both take the same pixels of every mask.
            return (own.resizedNearest(width: options.size, height: options.size), own)
        } catch {
            throw ShardProblem(path: manifest.maskPath(sample), sample: sample.id, reason: "\(error)")
        }
    }

    private func decode(_ path: String, _ sample: ManifestSample, sha256: String, bitsUsed: Int) throws(ShardProblem) -> Raster {
        let bytes = try read(path, sample, sha256: sha256)
        do throws(ImagingError) { return try ImageDecoder.decode(bytes, bitsUsed: bitsUsed).raster } catch {
            throw ShardProblem(path: path, sample: sample.id, reason: "\(error)")
        }
    }

    private func read(_ path: String, _ sample: ManifestSample, sha256: String) throws(ShardProblem) -> [UInt8] {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try FileIO.read(path, limit: 1 << 30) } catch {
            throw ShardProblem(path: path, sample: sample.id, reason: Self.reason(error))
        }
        guard Digest.sha256(bytes) == sha256 else {
            throw ShardProblem(path: path, sample: sample.id, reason: "the file has changed since `prep ingest` recorded it")
        }
        return bytes
    }

    private static func reason(_ error: FileError) -> String {
        switch error {
        case .notFound: "the file is gone"
        default: "\(error)"
        }
    }

    static func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}

/// Whether all images of a dataset are grey, including those stored as RGB.
enum GreyDetection {
    /// 1 if every image is grey, else 3. Stops at the first coloured image. Images that cannot be read are skipped here; the preparation
    /// reports them.
    static func channels(_ manifest: Manifest, threads: Int, cancellation: Cancellation) throws(ShardError) -> Int {
        let found = Cancellation()
        let coloured = ParallelMap.map(manifest.samples, threads: threads) { sample in
            if found.isCancelled || cancellation.isCancelled { return false }
            guard let bytes = try? FileIO.read(manifest.imagePath(sample), limit: 1 << 30),
                let header = try? ImageDecoder.probe(bytes), header.channels != 1,
                let raster = try? ImageDecoder.decode(bytes, greyIfGrey: true, bitsUsed: manifest.imageBits).raster, !isGrey(raster)
            else { return false }
            found.cancel()
            return true
        }
        if cancellation.isCancelled { throw .cancelled }
        return coloured.contains(true) ? 3 : 1
    }

    static func isGrey(_ raster: Raster) -> Bool {
        guard raster.channels == 3 else { return true }
        return raster.pixels.withUnsafeBufferPointer { pixels in
            var at = 0
            while at < pixels.count {
                if pixels[at] != pixels[at + 1] || pixels[at] != pixels[at + 2] { return false }
                at += 3
            }
            return true
        }
    }
}
