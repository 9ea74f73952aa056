// Reads the images of panels from the shards that were compared.
import Imaging
import Segmenting
import Shards
import Training

public enum PanelReader {
    /// - Parameters:
    ///   - indices: positions in the split.
    ///   - evaluations: of the comparison's runs, in its order.
    ///   - activations: of the same runs; empty for none.
    public static func rows(
        _ indices: [Int], shards: String, split: String, evaluations: [RunEvaluation], activations: [RunActivations] = []
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
                    predictions: evaluations.enumerated().map { number, evaluation in
                        .init(
                            mask: evaluation.masks[index].raster, dice: evaluation.run.dice[index],
                            activation: activations.isEmpty ? nil : activations[number].maps[index])
                    }))
        }
        return rows
    }
}
