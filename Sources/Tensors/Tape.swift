// Reverse-mode differentiation: operators append how to send their output's gradient to their inputs; `backward` runs these in reverse and
// lets each one go at once, and with it the activations that only it held.

/// Records operators on a backend. One tape per forward pass.
public final class Tape {
    public let backend: any Backend
    /// Whether operators are recorded, whether dropout drops, which statistics batch norm uses.
    public let mode: Mode
    /// How activations of the image path are stored; text mixing, statistics and losses are float32 in any case.
    public let activations: NumberFormat
    private var steps: [() -> Void] = []
    private var dropoutSeed: UInt64
    private var dropoutCount: UInt64 = 0
    /// What was asked of the taps (Taps.swift), their names in the order of the pass, and what they gave.
    public let taps: TapRequest
    public internal(set) var tapNames: [String] = []
    public internal(set) var tapped: [String: Tensor] = [:]
    public internal(set) var tapGradients: [String: Tensor] = [:]

    /// - Parameters:
    ///   - dropoutSeed: decides every dropout of this pass, by (seed, number of the dropout in the pass, element).
    ///   - taps: interior activations and gradients to keep.
    public init(
        backend: any Backend, mode: Mode, activations: NumberFormat = .float32, dropoutSeed: UInt64 = 0, taps: TapRequest = .none
    ) {
        self.backend = backend
        self.mode = mode
        self.taps = taps
        self.activations = activations
        self.dropoutSeed = dropoutSeed
    }

    /// Whether an operator of this pass has dropped elements.
    public var drops: Bool { dropoutCount > 0 }

    /// A seed for the next dropout in this pass.
    func nextDropoutSeed() -> DropoutSeed {
        dropoutCount += 1
        return DropoutSeed(pass: dropoutSeed, number: dropoutCount)
    }

    /// Whether an operator on these inputs has to be recorded.
    func records(_ inputs: Tensor?...) -> Bool { mode.recordsGradients && inputs.contains { $0?.requiresGradient == true } }

    func record(_ step: @escaping () -> Void) { steps.append(step) }

    /// Records how the gradient of `y` flows on. The step is left out when nothing downstream used `y`, whose values it does not hold.
    func record(from y: Tensor, _ step: @escaping (_ dy: Tensor) -> Void) {
        let slot = y.slot
        steps.append {
            guard let dy = slot.gradient else { return }
            slot.gradient = nil
            step(dy)
        }
    }

    /// Adds `g` to the gradient of `x`. `g` must not be used again by the caller: it may become the gradient itself.
    func send(_ g: Tensor, to x: GradientSlot) {
        guard x.isWanted else { return }
        if let sum = x.gradient { backend.accumulate(g, scale: 1, into: sum) } else { x.gradient = g }
    }

    func send(_ g: Tensor, to x: Tensor) { send(g, to: x.slot) }

    /// Adds a copy of `g`, which the caller goes on using.
    func sendCopy(_ g: Tensor, to x: GradientSlot) {
        guard x.isWanted else { return }
        if let sum = x.gradient {
            backend.accumulate(g, scale: 1, into: sum)
        } else {
            let copy = backend.empty(like: g)
            backend.convert(g, into: copy)
            x.gradient = copy
        }
    }

    /// Where a product can add the gradient of `x` itself: the tensor and whether it already holds a sum (beta 1) or garbage (beta 0).
    func destination(for x: GradientSlot) -> (tensor: Tensor, beta: Float) {
        if let sum = x.gradient { return (sum, 1) }
        let fresh = backend.empty(x.shape, format: x.format)
        x.gradient = fresh
        return (fresh, 0)
    }

    func destination(for x: Tensor) -> (tensor: Tensor, beta: Float) { destination(for: x.slot) }

    /// The gradient a kernel adds to: the tensor's own, started at zero if this is its first part; a scratch sum for a tensor that needs no
    /// gradient.
    func gradientSum(of x: Tensor) -> Tensor {
        if let sum = x.gradient { return sum }
        let sum = backend.zeros(x.shape)
        if x.requiresGradient { x.gradient = sum }
        return sum
    }

    /// Runs all recorded steps in reverse. Losses have put the first gradient where they start (`Losses`).
    public func backward() {
        while let step = steps.popLast() { step() }
    }

    /// Releases the activations of a pass that will not run backward. Recorded steps hold the tape that holds them, so a tape that records
    /// ends by this or by `backward`.
    public func discard() { steps.removeAll() }
}

extension Tape {
    /// Puts the first gradient where a backward pass starts.
    public func start(_ gradient: Tensor, at x: Tensor) { send(gradient, to: x) }
}
