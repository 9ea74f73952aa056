// A run's activation maps of the panels' images: Grad-CAM as `segment explain` computes it, with one target and one size of feature map
// for all runs. Not for drawing (PanelPicture, PanelSection).
import Explaining
import Files
import Segmenting

public struct RunActivations: Sendable {
    /// The method's title and what is explained, the same for all runs.
    public static let title = "\(method.title) of the mean logit of the true mask (of the predicted one where that is empty)"
    private static let method = ActivationMethod.gradCAM

    /// The run's name, and the feature map from which its maps are.
    public let run: String, tap: FeatureTap
    /// By the image's position in the split.
    public let maps: [Int: HeatMap]

    /// - Parameters:
    ///   - run: its name.
    ///   - indices: positions in the split.
    ///   - note: receives what should be known of single images.
    ///   - progress: called with the number of finished images and their total.
    public static func make(
        _ run: String, _ model: TrainedModel, _ indices: [Int], shards: String, split: String, cancellation: Cancellation,
        note: (String) -> Void, progress: (_ done: Int, _ total: Int) -> Void
    ) throws(ComparingError) -> RunActivations {
        do throws(ExplainingError) {
            guard let tap = FeatureTap.compared(Explainer.taps(of: model), imageSize: model.imageSize) else {
                preconditionFailure("a network without feature maps")
            }
            let explainer = try Explainer(model, taps: [tap.name], methods: [method], target: .truth, explainsWords: false)
            let samples = try ShardSamples(shards: shards, split: split, model: model, withholdsText: false)
            var maps: [Int: HeatMap] = [:]
            for (done, index) in indices.enumerated() {
                if cancellation.isCancelled { throw .segmenting(.cancelled(predictions: nil)) }
                let explanation = try explainer.explain(try samples.sample(at: index))
                for line in explanation.notes { note(line) }
                maps[index] = explanation.activations.first?.map
                progress(done + 1, indices.count)
            }
            return RunActivations(run: run, tap: tap, maps: maps)
        } catch { throw .explaining(error) }
    }

    /// What the maps are, for people.
    public static func description(_ activations: [RunActivations]) -> String {
        "\(title) at " + activations.map { "\($0.tap.name) of \($0.run) (\($0.tap.width)x\($0.tap.height))" }.joined(separator: ", ")
            + "; each map in colours of its own, from blue to red, where red is its largest value"
    }
}
