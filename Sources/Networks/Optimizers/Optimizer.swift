// What an optimizer is, and the one list of optimizers: --optimizer, its help, config.json and saved states follow the list.
// Invariant: an update is asked of the device in one go and reads nothing back, so that a step can be recorded; what changes from step to
// step (learning rate, number) is the device's (`StepVariables`).
import Tensors

/// Settings that optimizers share; an optimizer takes what concerns it.
public struct OptimizerConfiguration: Sendable, Equatable {
    /// A name of `Optimizers`.
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
    /// As --optimizer takes it.
    static var name: String { get }
    static var help: String { get }
    /// - Parameter parameters: built with gradients.
    init(_ parameters: ParameterStore, _ configuration: OptimizerConfiguration)
    /// What a saved state keeps beside the parameters, under PyTorch's names, each as long as the parameters.
    var state: [(name: String, tensor: Tensor)] { get }
    /// Takes the step and sets the gradients back to zero.
    /// - Parameter loss: nothing but the gradients changes where its first number is not finite.
    func update(guardedBy loss: Tensor)
}

public enum Optimizers {
    public static var all: [any Optimizer.Type] { [AdamW.self, SGD.self] }

    public static var names: [String] { all.map { $0.name } }

    /// An unknown name is a mistake of the caller: names are checked where they come in.
    public static func make(_ configuration: OptimizerConfiguration, _ parameters: ParameterStore) -> any Optimizer {
        guard let type = all.first(where: { $0.name == configuration.name }) else {
            preconditionFailure("no optimizer \(configuration.name)")
        }
        return type.init(parameters, configuration)
    }
}

extension ParameterStore {
    /// The gradients that an optimizer takes.
    var trainedGradients: Tensor {
        guard let gradients else { preconditionFailure("an optimizer of parameters without gradients") }
        return gradients
    }
}
