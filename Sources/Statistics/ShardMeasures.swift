// Measures shards as `train` reads them: FOLDER/{train,val,test}/, with the vocabulary in FOLDER.
import Datasets
import Files
import Foundation
import Imaging
import Shards
import Text

extension DatasetStatistics {
    /// The splits in a folder that have shards.
    public static func shardSplits(in folder: String) -> [Split] {
        Split.allCases.filter { FileIO.isFile("\(folder)/\($0.rawValue)/index.json") }
    }
}

extension MeasuredDataset {
    /// Reads every sample, or only those of the split `only`. Token statistics need the folder's vocab.txt, which `prep shard` writes.
    public static func measure(
        shards folder: String, only: Split? = nil, distance: Int = Leakage.defaultDistance, threads: Int,
        progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil, cancellation: Cancellation = Cancellation()
    ) throws(StatisticsError) -> MeasuredDataset {
        let splits = DatasetStatistics.shardSplits(in: folder).filter { only == nil || $0 == only }
        if splits.isEmpty { throw .nothingThere(path: folder, looked: Split.allCases.map { "\($0.rawValue)/index.json" }) }
        var items: [Place] = []
        do throws(ShardError) {
            for split in splits {
                let set = try ShardSet(folder: "\(folder)/\(split.rawValue)")
                items += (0..<set.count).map { Place(split: split, set: set, index: $0) }
            }
        } catch {
            throw .shards(error)
        }
        let tokenizer = try tokenizer(beside: folder), places = items
        let results: [Result<(SampleMeasure, Leakage.Item), StatisticsError>]
        do {
            results = try ParallelMap.map(
                places, threads: threads, cancellation: cancellation, progress: { progress?($0, places.count) }
            ) { place in
                Result { () throws(StatisticsError) in try measure(place, tokenizer) }
            }
        } catch {
            throw .cancelled
        }
        var measured: [(measure: SampleMeasure, item: Leakage.Item)] = []
        for result in results { measured.append(try result.get()) }
        let name = FileIO.lastPart(of: FileIO.absolute(folder))
        return MeasuredDataset(
            name: name, source: .shards, path: folder, measured: measured, distance: distance,
            pictures: SamplePictures { index throws(StatisticsError) in places[index].rasters(of: try places[index].sample()) })
    }

    private static func tokenizer(beside folder: String) throws(StatisticsError) -> WordPieceTokenizer? {
        let path = "\(folder)/vocab.txt"
        guard FileIO.isFile(path) else { return nil }
        do { return WordPieceTokenizer(vocabulary: try Vocabulary(contentsOf: path)) } catch {
            throw .sampleChanged(path: path, reason: "\(error)")
        }
    }

    /// One sample of one split's shards.
    private struct Place: Sendable {
        let split: Split
        let set: ShardSet
        let index: Int

        func sample() throws(StatisticsError) -> ShardSample {
            do { return try set.sample(at: index) } catch { throw .shards(error) }
        }

        func patient() throws(StatisticsError) -> String? {
            do { return try set.group(of: index) } catch { throw .shards(error) }
        }

        func rasters(of sample: ShardSample) -> (image: Raster, mask: Raster) {
            (
                Raster(width: set.imageWidth, height: set.imageHeight, channels: set.channels, pixels: sample.image),
                Raster(width: set.imageWidth, height: set.imageHeight, channels: 1, pixels: sample.mask)
            )
        }
    }

    private static func measure(_ place: Place, _ tokenizer: WordPieceTokenizer?) throws(StatisticsError) -> (SampleMeasure, Leakage.Item) {
        let sample = try place.sample(), (image, mask) = place.rasters(of: sample)
        let measure = SampleMeasure(
            id: sample.id, split: place.split, width: sample.width, height: sample.height, image: image, mask: mask,
            caption: sample.caption,
            tokens: tokenizer.flatMap { tokenizer in
                sample.tokens == nil ? nil : sample.caption.map { TokenMeasure($0, tokenizer: tokenizer, length: place.set.tokenLength) }
            })
        let item = Leakage.Item(
            id: sample.id, split: place.split, patient: try place.patient(), digest: Digest.sha256(sample.image),
            fingerprint: try PictureFingerprint(image))
        return (measure, item)
    }
}
