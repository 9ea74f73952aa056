// The small layers: linear, layer norm, convolutions, batch norm. Each is a few parameters and one call on the tape.
import Tensors

/// A prefix under which layers declare their parameters, e.g. "decoder16.guide_layer".
package struct Scope {
    package let store: ParameterStore
    let prefix: String

    package init(store: ParameterStore, prefix: String) {
        self.store = store
        self.prefix = prefix
    }

    package func callAsFunction(_ name: String) -> Scope { Scope(store: store, prefix: prefix.isEmpty ? name : prefix + "." + name) }

    func parameter(
        _ name: String, _ shape: [Int], layout: ParameterLayout = .plain, role: ParameterInfo.Role = .trained,
        _ initialisation: Initialisation
    ) -> Parameter {
        store.declare(prefix.isEmpty ? name : prefix + "." + name, shape, layout: layout, role: role, initialisation)
    }
}

/// y = x W^T + b. PyTorch's default initialisation unless another is given.
struct Linear {
    let weight: Parameter
    let bias: Parameter?

    init(
        _ scope: Scope, _ input: Int, _ output: Int, bias hasBias: Bool = true, weights: Initialisation? = nil,
        biases: Initialisation? = nil, layout: ParameterLayout = .plain
    ) {
        weight = scope.parameter("weight", [output, input], layout: layout, weights ?? .fan(input))
        bias = hasBias ? scope.parameter("bias", [output], biases ?? .fan(input)) : nil
    }

    func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor { tape.linear(x, weight: weight.tensor, bias: bias?.tensor) }

    /// For an operator that takes this layer's parameters; the layer must have a bias.
    var parameters: ConvNeXtBlockWeights.Linear {
        guard let bias else { preconditionFailure("a linear map without a bias in a feed-forward pair") }
        return ConvNeXtBlockWeights.Linear(weight: weight.tensor, bias: bias.tensor)
    }
}

struct LayerNorm {
    let gamma: Parameter, beta: Parameter
    let epsilon: Float

    init(_ scope: Scope, _ channels: Int, epsilon: Float, layout: ParameterLayout = .plain) {
        gamma = scope.parameter("weight", [channels], layout: layout, .constant(1))
        beta = scope.parameter("bias", [channels], layout: layout, .constant(0))
        self.epsilon = epsilon
    }

    func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
        tape.layerNorm(x, gamma: gamma.tensor, beta: beta.tensor, epsilon: epsilon)
    }

    var parameters: ConvNeXtBlockWeights.Norm { ConvNeXtBlockWeights.Norm(gamma: gamma.tensor, beta: beta.tensor, epsilon: epsilon) }
}

/// k x k convolution with stride k (ConvNeXt's stem and downsampling).
struct PatchConvolution {
    let weight: Parameter, bias: Parameter
    let kernel: Int

    init(_ scope: Scope, _ input: Int, _ output: Int, kernel: Int, weights: Initialisation) {
        weight = scope.parameter("weight", [output, input, kernel, kernel], layout: .convolution, weights)
        bias = scope.parameter("bias", [output], .constant(0))
        self.kernel = kernel
    }

    func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
        tape.patchConvolution(x, weight: weight.tensor, bias: bias.tensor, kernel: kernel)
    }
}

/// 3x3 convolution, then batch norm and leaky ReLU.
struct ConvolutionNormActivation {
    let weight: Parameter
    let bias: Parameter?
    let gamma: Parameter, beta: Parameter, runningMean: Parameter, runningVariance: Parameter
    let slope: Float

    /// - Parameter bias: whether the convolution has a bias, as published; batch norm cancels it.
    init(convolution: Scope, norm: Scope, _ input: Int, _ output: Int, bias hasBias: Bool = false, slope: Float) {
        weight = convolution.parameter("weight", [output, input, 3, 3], layout: .convolution, .fan(input * 9))
        bias = hasBias ? convolution.parameter("bias", [output], .fan(input * 9)) : nil
        gamma = norm.parameter("weight", [output], .constant(1))
        beta = norm.parameter("bias", [output], .constant(0))
        runningMean = norm.parameter("running_mean", [output], role: .statistic, .constant(0))
        runningVariance = norm.parameter("running_var", [output], role: .statistic, .constant(1))
        self.slope = slope
    }

    func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
        tape.batchNorm(
            tape.convolution(x, weight: weight.tensor, kernel: 3), offset: bias?.tensor, gamma: gamma.tensor, beta: beta.tensor,
            runningMean: runningMean.tensor, runningVariance: runningVariance.tensor, slope: slope)
    }
}
