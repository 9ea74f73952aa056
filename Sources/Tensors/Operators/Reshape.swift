// Another shape for the same elements: no device does anything for it.

extension Tape {
    /// The same elements under another shape.
    public func reshape(_ x: Tensor, _ shape: [Int]) -> Tensor {
        precondition(shape.reduce(1, *) == x.count, "reshape: \(x.shape) to \(shape)")
        let needs = records(x)
        let y = x.viewed(as: shape, requiresGradient: needs)
        if needs {
            let source = x.slot
            record(from: y) { [self] dy in send(dy.viewed(as: source.shape), to: source) }
        }
        return y
    }
}
