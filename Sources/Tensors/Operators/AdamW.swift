// AdamW over all parameters at once.

/// AdamW's settings that stay over a run.
public struct AdamWSettings: Sendable, Equatable {
    public var beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8
    public var weightDecay: Float

    public init(weightDecay: Float = 0.01) { self.weightDecay = weightDecay }
}

/// What a device does for it.
protocol AdamWDevice {
    func adamW(
        _ values: Tensor, gradients: Tensor, firstMoment: Tensor, secondMoment: Tensor, bfloat16Copy: Tensor?, settings: AdamWSettings,
        guardedBy loss: Tensor?)
}

extension Backend {
    /// One pass over all: the update, the bf16 copy in `bfloat16Copy` if there is one, and the gradients back to zero. Learning rate and
    /// step are those of the `step` around it. Nothing but the gradients changes where the first of `guardedBy` is not finite.
    public func adamW(
        _ values: Tensor, gradients: Tensor, firstMoment: Tensor, secondMoment: Tensor, bfloat16Copy: Tensor?, settings: AdamWSettings,
        guardedBy loss: Tensor?
    ) {
        perform(
            "AdamW",
            [values, values, gradients, gradients, firstMoment, firstMoment, secondMoment, secondMoment] + (bfloat16Copy.map { [$0] } ?? [])
        ) { (device: any AdamWDevice) in
            device.adamW(
                values, gradients: gradients, firstMoment: firstMoment, secondMoment: secondMoment, bfloat16Copy: bfloat16Copy,
                settings: settings, guardedBy: loss)
        }
    }
}
