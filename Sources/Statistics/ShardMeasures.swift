// Measures of shards as `train` will read them: FOLDER/{train,val,test}/, with the vocabulary beside them.
import Datasets
import Files
import Foundation
import Imaging
import Shards
import Text

extension DatasetStatistics {
    /// The splits under a folder that hold shards.
    public static func shardSplits(in folder: String) -> [Split] {
        Split.allCases.filter { FileIO.isFile("\(folder)/\($0.rawValue)/index.json") }
    }

    /// Reads every sample, or those of the split `only`. Token figures need vocab.txt in the folder, which `prep shard` writes.
    public static func measure(
        shards folder: String, only: Split? = nil, threads: Int, progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(StatisticsError) -> DatasetStatistics {
        let splits = shardSplits(in: folder).filter { only == nil || $0 == only }
        if splits.isEmpty { throw .nothingThere(path: folder, looked: Split.allCases.map { "\($0.rawValue)/index.json" }) }
        var sets: [(split: Split, set: ShardSet)] = []
        do throws(ShardError) {
            for split in splits { sets.append((split, try ShardSet(folder: "\(folder)/\(split.rawValue)"))) }
        } catch {
            throw .shards(error)
        }
        let tokenizer = try tokenizer(beside: folder)
        let items = sets.flatMap { part in (0..<part.set.count).map { (part.split, part.set, $0) } }
        let results: [Result<(SampleMeasure, UInt64), StatisticsError>]
        do {
            results = try ParallelMap.map(
                items, threads: threads, cancellation: cancellation, progress: { progress?($0, items.count) }
            ) { split, set, index in
                Result { () throws(StatisticsError) in try measure(set, split, index, tokenizer) }
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
        let name = (FileIO.absolute(folder) as NSString).lastPathComponent
        return DatasetStatistics(name: name, source: .shards, path: folder, measures: measures, leakage: Leakage(hashes))
    }

    private static func tokenizer(beside folder: String) throws(StatisticsError) -> WordPieceTokenizer? {
        let path = "\(folder)/vocab.txt"
        guard FileIO.isFile(path) else { return nil }
        do { return WordPieceTokenizer(vocabulary: try Vocabulary(contentsOf: path)) } catch {
            throw .sampleChanged(path: path, reason: "\(error)")
        }
    }

    private static func measure(
        _ set: ShardSet, _ split: Split, _ index: Int, _ tokenizer: WordPieceTokenizer?
    ) throws(StatisticsError) -> (SampleMeasure, UInt64) {
        let sample: ShardSample
        do { sample = try set.sample(at: index) } catch { throw .shards(error) }
        let image = Raster(width: set.imageWidth, height: set.imageHeight, channels: set.channels, pixels: sample.image)
        let mask = Raster(width: set.imageWidth, height: set.imageHeight, channels: 1, pixels: sample.mask)
        let measure = SampleMeasure(
            id: sample.id, split: split, width: sample.width, height: sample.height, image: image, mask: mask, caption: sample.caption,
            tokens: tokenizer.map { TokenMeasure(sample.caption, tokenizer: $0, length: set.tokenLength) })
        return (measure, PerceptualHash.hash(image))
    }
}
