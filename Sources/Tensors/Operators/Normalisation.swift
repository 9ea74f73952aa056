// Layer norm, and batch norm with its leaky ReLU.

extension Tape {
    /// y = (x - mean) / sqrt(var + eps) * gamma + beta over the last dimension, biased variance.
    /// With h = (x - mean) r and g = gamma dy: dx = r (g - mean(g) - h mean(g h)).
    public func layerNorm(_ x: Tensor, gamma: Tensor, beta: Tensor, epsilon: Float) -> Tensor {
        precondition(gamma.count == x.channels && beta.count == x.channels, "layerNorm: \(x.shape), gamma \(gamma.shape)")
        let needs = records(x, gamma, beta)
        let y = backend.empty(like: x, requiresGradient: needs)
        let mean = backend.empty([x.rows]), reciprocal = backend.empty([x.rows])
        backend.layerNorm(x, gamma: gamma, beta: beta, epsilon: epsilon, into: y, mean: mean, reciprocal: reciprocal)
        if needs {
            record(from: y) { [self] dy in
                let dx = backend.empty(like: x)
                backend.layerNormGradient(
                    x, gamma: gamma, mean: mean, reciprocal: reciprocal, dy, into: dx, gradientSum(of: gamma), gradientSum(of: beta))
                send(dx, to: x)
            }
        }
        return y
    }

    /// Batch norm over all rows, then leaky ReLU of the given slope (1 for none). Training uses the batch's statistics and moves the running ones
    /// (unbiased variance, PyTorch's rule); inference uses the running ones.
    public func batchNorm(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float = 1e-5,
        momentum: Float = 0.1, slope: Float
    ) -> Tensor {
        precondition(gamma.count == x.channels, "batchNorm: \(x.shape), gamma \(gamma.shape)")
        guard isTraining else {
            let y = backend.empty(like: x)
            backend.batchNormInference(
                x, gamma: gamma, beta: beta, runningMean: runningMean, runningVariance: runningVariance, epsilon: epsilon, slope: slope,
                into: y)
            return y
        }
        let needs = records(x, gamma, beta)
        let y = backend.empty(like: x, requiresGradient: needs)
        let mean = backend.empty([x.channels]), reciprocal = backend.empty([x.channels])
        backend.batchNorm(
            x, gamma: gamma, beta: beta, runningMean: runningMean, runningVariance: runningVariance, epsilon: epsilon, momentum: momentum,
            slope: slope, into: y, mean: mean, reciprocal: reciprocal)
        if needs {
            record(from: y) { [self] dy in
                let dx = backend.empty(like: x)
                backend.batchNormGradient(
                    x, gamma: gamma, beta: beta, mean: mean, reciprocal: reciprocal, slope: slope, dy, into: dx, gradientSum(of: gamma),
                    gradientSum(of: beta))
                send(dx, to: x)
            }
        }
        return y
    }

    /// The gradient a kernel adds to: the tensor's own, started at zero if this is its first part; a scratch sum for one that wants none.
    func gradientSum(of x: Tensor) -> Tensor {
        if let sum = x.gradient { return sum }
        let sum = backend.zeros(x.shape)
        if x.requiresGradient { x.gradient = sum }
        return sum
    }
}
