// Functions of single elements.

/// Pointwise functions with their derivative taken from the input (`gelu`, `leakyReLU`, `softplus`) or the output (`tanh`, `sigmoid`).
public enum Activation: Sendable, Equatable {
    case gelu, tanh, softplus, sigmoid
    case leakyReLU(slope: Float)

    /// Whether the derivative is computed from the output instead of the input.
    var derivativeUsesOutput: Bool { self == .tanh || self == .sigmoid }

    /// In profiles.
    var label: String {
        switch self {
        case .gelu: "GELU"
        case .tanh: "tanh"
        case .softplus: "softplus"
        case .sigmoid: "sigmoid"
        case .leakyReLU: "leaky ReLU"
        }
    }
}

/// What a device does for it.
protocol ActivationDevice {
    /// y = f(x).
    func activate(_ kind: Activation, _ x: Tensor, into y: Tensor)
    /// dx = f'(saved) dy, `saved` being the input or the output (`Activation.derivativeUsesOutput`); dx may be dy.
    func activationGradient(_ kind: Activation, saved: Tensor, _ dy: Tensor, into dx: Tensor)
}

extension Backend {
    /// dx = f'(saved) dy; dx may be dy.
    func activationGradient(_ kind: Activation, saved: Tensor, _ dy: Tensor, into dx: Tensor) {
        perform("\(kind.label) backward", [saved, dy, dx]) { (device: any ActivationDevice) in
            device.activationGradient(kind, saved: saved, dy, into: dx)
        }
    }
}

extension Tape {
    /// y = f(x); dx = f'(x) dy.
    public func activate(_ kind: Activation, _ x: Tensor) -> Tensor {
        let needs = records(x)
        let y = backend.empty(like: x, requiresGradient: needs)
        backend.perform("\(kind.label) forward", [x, y]) { (device: any ActivationDevice) in device.activate(kind, x, into: y) }
        if needs {
            let saved = kind.derivativeUsesOutput ? y : x
            // The output must not hold itself alive through its own record: a view of it is kept instead.
            let kept = saved === y ? y.viewed(as: y.shape) : x
            let source = x.slot
            record(from: y) { [self] dy in
                // Element by element, so the gradient can take the place of dy, which nobody else holds.
                backend.activationGradient(kind, saved: kept, dy, into: dy)
                send(dy, to: source)
            }
        }
        return y
    }
}
