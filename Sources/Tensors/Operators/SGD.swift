// What a device does for stochastic gradient descent with momentum.

/// SGD's settings that stay over a run.
public struct SGDSettings: Sendable, Equatable {
    public var momentum: Float, weightDecay: Float

    public init(momentum: Float, weightDecay: Float) {
        self.momentum = momentum
        self.weightDecay = weightDecay
    }
}

protocol SGDDevice {
    /// One pass over all: d = gradient + weightDecay value, momenta = momentum momenta + d, values -= rate momenta, with the learning rate
    /// of the `step` around it; the bf16 copy if there is one, and the gradients back to zero. Nothing but the gradients changes where the
    /// first of `guardedBy` is not finite.
    func sgd(
        _ values: Tensor, gradients: Tensor, momenta: Tensor, bfloat16Copy: Tensor?, settings: SGDSettings, guardedBy loss: Tensor?)
}

extension Backend {
    /// torch.optim.SGD with momentum, on flat buffers.
    public func sgd(
        _ values: Tensor, gradients: Tensor, momenta: Tensor, bfloat16Copy: Tensor?, settings: SGDSettings, guardedBy loss: Tensor?
    ) {
        perform("SGD", [values, values, gradients, gradients, momenta, momenta]) { (device: any SGDDevice) in
            device.sgd(
                values, gradients: gradients, momenta: momenta, bfloat16Copy: bfloat16Copy, settings: settings, guardedBy: loss)
        }
    }
}
