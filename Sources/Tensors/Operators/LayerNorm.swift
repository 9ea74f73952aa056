// Layer norm over the last dimension.

/// What a device does for it.
protocol LayerNormDevice {
    /// `mean` and `reciprocal`, the reciprocal of the deviation, are kept for the gradient, a number a row.
    func layerNorm(_ x: Tensor, gamma: Tensor, beta: Tensor, epsilon: Float, into y: Tensor, mean: Tensor, reciprocal: Tensor)
    /// dgamma and dbeta are "+=".
    func layerNormGradient(
        _ x: Tensor, gamma: Tensor, mean: Tensor, reciprocal: Tensor, _ dy: Tensor, into dx: Tensor, _ dgamma: Tensor, _ dbeta: Tensor)
}

extension Backend {
    func layerNorm(_ x: Tensor, gamma: Tensor, beta: Tensor, epsilon: Float, into y: Tensor, mean: Tensor, reciprocal: Tensor) {
        perform("layer norm forward", [x, y]) { (device: any LayerNormDevice) in
            device.layerNorm(x, gamma: gamma, beta: beta, epsilon: epsilon, into: y, mean: mean, reciprocal: reciprocal)
        }
    }

    func layerNormGradient(
        _ x: Tensor, gamma: Tensor, mean: Tensor, reciprocal: Tensor, _ dy: Tensor, into dx: Tensor, _ dgamma: Tensor, _ dbeta: Tensor
    ) {
        perform("layer norm backward", [x, dy, dx]) { (device: any LayerNormDevice) in
            device.layerNormGradient(x, gamma: gamma, mean: mean, reciprocal: reciprocal, dy, into: dx, dgamma, dbeta)
        }
    }
}

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
}
