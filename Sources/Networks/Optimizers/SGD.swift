// torch.optim.SGD over a network's parameters: momentum without dampening, weight decay as part of the gradient.
import Tensors

public final class SGD: Optimizer {
    public static let name = "sgd", help = "stochastic gradient descent with --momentum, weight decay in the gradient"
    private let settings: SGDSettings
    private let momenta: Tensor
    private let parameters: ParameterStore

    public init(_ parameters: ParameterStore, _ configuration: OptimizerConfiguration) {
        self.parameters = parameters
        settings = SGDSettings(momentum: Float(configuration.momentum), weightDecay: Float(configuration.weightDecay))
        momenta = parameters.backend.zeros(parameters.values.shape)
    }

    public var state: [(name: String, tensor: Tensor)] { [("momentum_buffer", momenta)] }

    public func update(guardedBy loss: Tensor) {
        parameters.backend.sgd(
            parameters.values, gradients: parameters.trainedGradients, momenta: momenta, bfloat16Copy: parameters.bfloat16Copy,
            settings: settings, guardedBy: loss)
    }
}
