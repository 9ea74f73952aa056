// The protocol of optimizers, and the one list of optimizers. --optimizer, its help, config.json and saved states use the list.
// Invariant: an update is enqueued in one call and reads nothing back, so that a step can be recorded. Values that change from step to step
// (learning rate, step number) are in the device's `StepVariables`.
import Tensors

/// Settings of all optimizers; each optimizer uses those that apply to it.
public struct OptimizerConfiguration: Sendable, Equatable {
    /// An optimizer's name in `Optimizers`.
    public var name: String
    public var weightDecay: Double
    public var momentum: Double

    public init(_ name: String = AdamW.name, weightDecay: Double = 0.01, momentum: Double = 0.9) {
        self.name = name
        self.weightDecay = weightDecay
        self.momentum = momentum
    }
}

public protocol Optimizer: AnyObject {
    /// The value of --optimizer.
    static var name: String { get }
    static var help: String { get }
    /// - Parameter parameters: built with gradients.
    init(_ parameters: ParameterStore, _ configuration: OptimizerConfiguration)
    /// The tensors that a saved state holds besides the parameters, under PyTorch's names, each as long as the parameters.
    var state: [(name: String, tensor: Tensor)] { get }
    /// Updates the parameters and sets the gradients back to zero.
    /// - Parameter loss: if its first number is not finite, only the gradients are reset.
    func update(guardedBy loss: Tensor)
}

public enum Optimizers {
    public static var all: [any Optimizer.Type] { [AdamW.self, SGD.self] }

    public static var names: [String] { all.map { $0.name } }

    /// An unknown name is an error of the caller: names are checked where they are read.
    public static func make(_ configuration: OptimizerConfiguration, _ parameters: ParameterStore) -> any Optimizer {
        guard let type = all.first(where: { $0.name == configuration.name }) else {
            preconditionFailure("no optimizer \(configuration.name)")
        }
        return type.init(parameters, configuration)
    }
}

extension ParameterStore {
    /// The gradients that an optimizer reads.
    var trainedGradients: Tensor {
        guard let gradients else { preconditionFailure("an optimizer of parameters without gradients") }
        return gradients
    }
}
