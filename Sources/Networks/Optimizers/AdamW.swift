// torch.optim.AdamW over a network's parameters, with its first and second moment.
import Tensors

public final class AdamW: Optimizer {
    public static let name = "adamw", help = "Adam with decoupled weight decay"
    private let settings: AdamWSettings
    private let firstMoment: Tensor, secondMoment: Tensor
    private let parameters: ParameterStore

    public init(_ parameters: ParameterStore, _ configuration: OptimizerConfiguration) {
        self.parameters = parameters
        settings = AdamWSettings(weightDecay: Float(configuration.weightDecay))
        firstMoment = parameters.backend.zeros(parameters.values.shape)
        secondMoment = parameters.backend.zeros(parameters.values.shape)
    }

    public var state: [(name: String, tensor: Tensor)] { [("exp_avg", firstMoment), ("exp_avg_sq", secondMoment)] }

    public func update(guardedBy loss: Tensor) {
        parameters.backend.adamW(
            parameters.values, gradients: parameters.trainedGradients, firstMoment: firstMoment, secondMoment: secondMoment,
            bfloat16Copy: parameters.bfloat16Copy, settings: settings, guardedBy: loss)
    }
}
