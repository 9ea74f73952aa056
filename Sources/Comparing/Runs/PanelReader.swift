// Reads the images of panels from the shards that were compared.
import Imaging
import Segmenting
import Shards
import Training

public enum PanelReader {
    /// - Parameters:
    ///   - indices: positions in the split.
    ///   - evaluations: of the comparison's runs, in its order.
    public static func rows(
        _ indices: [Int], shards: String, split: String, evaluations: [RunEvaluation]
    ) throws(ComparingError) -> [PanelRow] {
        if indices.isEmpty { return [] }
        let set = try RunCandidate.training { () throws(TrainingError) in try RunPreparation.open(shards, split: split) }
        var rows: [PanelRow] = []
        for index in indices {
            let sample = try RunCandidate.training { () throws(TrainingError) in
                try TrainingError.wrapping { () throws(ShardError) in try set.sample(at: index) }
            }
            rows.append(
                PanelRow(
                    id: sample.id, caption: sample.caption,
                    image: Raster(width: set.imageWidth, height: set.imageHeight, channels: set.channels, pixels: sample.image),
                    truth: Raster(width: set.imageWidth, height: set.imageHeight, channels: 1, pixels: sample.mask),
                    predictions: evaluations.map { .init(mask: $0.masks[index].raster, dice: $0.run.dice[index]) }))
        }
        return rows
    }
}
