// Named places inside a network. A network passes an activation through `Tape.tap` under the name of the module that made it; a caller asks
// a tape for values or gradients by these names. What nobody asks for costs nothing: the tap returns its argument.

/// The taps that a pass keeps.
public struct TapRequest: Sendable, Equatable {
    /// Names whose activations are kept.
    public var values: Set<String>
    /// Names whose gradients a backward pass leaves in `Tape.tapGradients`; the tape must record.
    public var gradients: Set<String>

    public init(values: Set<String> = [], gradients: Set<String> = []) {
        self.values = values
        self.gradients = gradients
    }

    public static let none = TapRequest()
}

extension Tape {
    /// Gives an activation a name. Where its gradient is asked for, recording begins here at the latest, so that a network without
    /// parameter gradients has it too; the gradient is kept on its way to what computed `x`.
    public func tap(_ name: String, _ x: Tensor) -> Tensor {
        tapNames.append(name)
        if taps.values.contains(name) { tapped[name] = x }
        guard mode.recordsGradients, taps.gradients.contains(name) else { return x }
        let y = x.viewed(as: x.shape, requiresGradient: true)
        let source = x.slot
        record(from: y) { [self] dy in
            let kept = backend.empty(like: dy)
            backend.convert(dy, into: kept)
            tapGradients[name] = kept
            send(dy, to: source)
        }
        return y
    }

    /// Names that were asked for and that no tap of the pass had.
    public var missingTaps: Set<String> { taps.values.union(taps.gradients).subtracting(tapNames) }
}
