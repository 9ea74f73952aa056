// Batch norm with its leaky ReLU.

/// What a device does for it. `slope` is that of the leaky ReLU behind the norm.
protocol BatchNormDevice {
    /// With the batch's own statistics, which are kept and move the running ones.
    func batchNorm(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float, momentum: Float,
        slope: Float, into y: Tensor, mean: Tensor, reciprocal: Tensor)
    /// With constant statistics.
    func batchNormInference(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float, slope: Float, into y: Tensor
    )
    /// The gradient where statistics follow the batch. dgamma and dbeta are "+=".
    func batchNormGradient(
        _ x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, reciprocal: Tensor, slope: Float, _ dy: Tensor, into dx: Tensor,
        _ dgamma: Tensor, _ dbeta: Tensor)
}

extension Backend {
    fileprivate func batchNormInference(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float, slope: Float, into y: Tensor
    ) {
        perform("batch norm forward", [x, y]) { (device: any BatchNormDevice) in
            device.batchNormInference(
                x, gamma: gamma, beta: beta, runningMean: runningMean, runningVariance: runningVariance, epsilon: epsilon, slope: slope,
                into: y)
        }
    }

    fileprivate func batchNormGradient(
        _ x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, reciprocal: Tensor, slope: Float, _ dy: Tensor, into dx: Tensor,
        _ dgamma: Tensor, _ dbeta: Tensor
    ) {
        perform("batch norm backward", [x, dy, x, dy, dx]) { (device: any BatchNormDevice) in
            device.batchNormGradient(
                x, gamma: gamma, beta: beta, mean: mean, reciprocal: reciprocal, slope: slope, dy, into: dx, dgamma, dbeta)
        }
    }
}

extension Tape {
    /// Batch norm over all rows of x + offset, then leaky ReLU of the given slope (1 for none, 0 for ReLU). With the statistics of the
    /// batch the running ones move (unbiased variance, PyTorch's rule).
    /// - Parameter offset: [C], such as the bias of a convolution before. It costs no pass over x: the batch's own mean takes it away, so
    ///   that only the running mean sees it, and its gradient is 0; with running statistics it moves the mean.
    public func batchNorm(
        _ x: Tensor, offset: Tensor? = nil, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor,
        epsilon: Float = 1e-5,
        momentum: Float = 0.1, slope: Float
    ) -> Tensor {
        precondition(gamma.count == x.channels && offset?.count ?? x.channels == x.channels, "batchNorm: \(x.shape), gamma \(gamma.shape)")
        guard mode.statistics == .batch else {
            return runningNorm(
                x, offset: offset, gamma: gamma, beta: beta, runningMean: runningMean, runningVariance: runningVariance, epsilon: epsilon,
                slope: slope)
        }
        let needs = records(x, gamma, beta)
        let y = backend.empty(like: x, requiresGradient: needs)
        let mean = backend.empty([x.channels]), reciprocal = backend.empty([x.channels])
        backend.perform("batch norm forward", [x, x, y]) { (device: any BatchNormDevice) in
            device.batchNorm(
                x, gamma: gamma, beta: beta, runningMean: runningMean, runningVariance: runningVariance, epsilon: epsilon,
                momentum: momentum, slope: slope, into: y, mean: mean, reciprocal: reciprocal)
        }
        if let offset { backend.accumulate(offset, scale: momentum, into: runningMean) }
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

    /// Batch norm with constant statistics is a map of each channel: with r = (var + eps)^-1/2, h = (x - mean) r, z = gamma h + beta, y =
    /// f(z) and dz = f'(z) dy: dx = gamma r dz, dgamma += sum of h dz, dbeta += sum of dz, doffset += sum of dx.
    private func runningNorm(
        _ x: Tensor, offset: Tensor?, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float,
        slope: Float
    ) -> Tensor {
        let needs = records(x, offset, gamma, beta)
        let y = backend.empty(like: x, requiresGradient: needs)
        var runningMean = runningMean
        if let offset {
            let moved = backend.empty(like: runningMean)
            backend.convert(runningMean, into: moved)
            backend.accumulate(offset, scale: -1, into: moved)
            runningMean = moved
        }
        let mean = runningMean
        backend.batchNormInference(
            x, gamma: gamma, beta: beta, runningMean: mean, runningVariance: runningVariance, epsilon: epsilon, slope: slope, into: y)
        guard needs else { return y }
        // z has the sign of y. The view does not hold y's own record alive.
        let output = y.viewed(as: y.shape)
        record(from: y) { [self] dy in
            let channels = x.channels, zero = backend.zeros([channels]), dx = backend.empty(like: x)
            if gamma.requiresGradient || beta.requiresGradient {
                let one = backend.empty([1, channels]), reciprocal = backend.empty([1, channels])
                backend.fill(one, 1)
                backend.batchNormInference(
                    one, gamma: one, beta: zero, runningMean: zero, runningVariance: runningVariance, epsilon: epsilon, slope: 1,
                    into: reciprocal)
                // Its dgamma and dbeta are those above; its dx, which counts on statistics that follow x, is written over.
                backend.batchNormGradient(
                    x, gamma: gamma, beta: beta, mean: mean, reciprocal: reciprocal, slope: slope, dy, into: dx, gradientSum(of: gamma),
                    gradientSum(of: beta))
            }
            guard x.requiresGradient || offset?.requiresGradient == true else { return }
            if slope != 1 { backend.activationGradient(.leakyReLU(slope: slope), saved: output, dy, into: dy) }
            backend.batchNormInference(
                dy, gamma: gamma, beta: zero, runningMean: zero, runningVariance: runningVariance, epsilon: epsilon, slope: 1, into: dx)
            if let offset, offset.requiresGradient { backend.biasGradient(dx, into: gradientSum(of: offset)) }
            send(dx, to: x)
        }
        return y
    }

    /// y[r,c] = scale[c] x[r,c]: batch norm with statistics that change nothing.
    func scaleChannels(_ x: Tensor, by scale: Tensor) -> Tensor {
        let zero = backend.zeros([x.channels]), one = backend.empty([x.channels])
        backend.fill(one, 1)
        return runningNorm(
            x, offset: nil, gamma: scale, beta: zero, runningMean: zero, runningVariance: one, epsilon: 0, slope: 1)
    }
}
