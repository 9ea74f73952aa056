// Sums and multiples of whole tensors.

/// What a device does for it. Tensors of one shape and format.
protocol SumDevice {
    /// y = a + b.
    func add(_ a: Tensor, _ b: Tensor, into y: Tensor)
    /// y = a + s b with s [1] float32.
    func addScaled(_ a: Tensor, _ b: Tensor, scale s: Tensor, into y: Tensor)
    /// y += scale x.
    func accumulate(_ x: Tensor, scale: Float, into y: Tensor)
    /// y = factor x.
    func scale(_ x: Tensor, by factor: Float, into y: Tensor)
    /// y = s x with s [1] float32.
    func scale(_ x: Tensor, by s: Tensor, into y: Tensor)
    /// sum += <a, b>, sum [1] float32.
    func dot(_ a: Tensor, _ b: Tensor, accumulateInto sum: Tensor)
}

extension Backend {
    /// y += scale x.
    public func accumulate(_ x: Tensor, scale: Float, into y: Tensor) {
        perform("accumulate", [x, y, y]) { (device: any SumDevice) in device.accumulate(x, scale: scale, into: y) }
    }

    /// y = factor x.
    public func scale(_ x: Tensor, by factor: Float, into y: Tensor) {
        perform("scale", [x, y]) { (device: any SumDevice) in device.scale(x, by: factor, into: y) }
    }
}

extension Tape {
    /// y = a + b, equal shapes.
    public func add(_ a: Tensor, _ b: Tensor) -> Tensor {
        precondition(a.shape == b.shape && a.format == b.format, "add: \(a.shape) and \(b.shape) differ")
        let needs = records(a, b)
        let y = backend.empty(like: a, requiresGradient: needs)
        backend.perform("add", [a, b, y]) { (device: any SumDevice) in device.add(a, b, into: y) }
        if needs {
            let first = a.slot, second = b.slot
            record(from: y) { [self] dy in
                sendCopy(dy, to: second)
                send(dy, to: first)
            }
        }
        return y
    }

    /// y = a + s b with a learned scalar s [1] (MoDAB's output scale). db = s dy, ds += <dy, b>.
    public func addScaled(_ a: Tensor, _ b: Tensor, scale s: Tensor) -> Tensor {
        precondition(a.shape == b.shape && a.format == b.format && s.count == 1, "addScaled: \(a.shape), \(b.shape), scale \(s.shape)")
        let needs = records(a, b, s)
        let y = backend.empty(like: a, requiresGradient: needs)
        backend.perform("add", [a, b, y]) { (device: any SumDevice) in device.addScaled(a, b, scale: s, into: y) }
        if needs {
            let first = a.slot
            record(from: y) { [self] dy in
                if s.requiresGradient {
                    let sum = gradientSum(of: s)
                    backend.perform("dot", [dy, b]) { (device: any SumDevice) in device.dot(dy, b, accumulateInto: sum) }
                }
                if b.requiresGradient {
                    let db = backend.empty(like: b)
                    backend.perform("scale", [dy, db]) { (device: any SumDevice) in device.scale(dy, by: s, into: db) }
                    send(db, to: b)
                }
                send(dy, to: first)
            }
        }
        return y
    }
}
