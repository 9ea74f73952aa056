// Elements written without arithmetic: a constant everywhere, or the same values in another format.

/// What a device does for it.
protocol ConversionDevice {
    /// y = value.
    func fill(_ y: Tensor, _ value: Float)
    /// y = x, converted where the formats differ.
    func convert(_ x: Tensor, into y: Tensor)
}

extension Backend {
    /// y = value.
    public func fill(_ y: Tensor, _ value: Float) {
        perform("fill", [y]) { (device: any ConversionDevice) in device.fill(y, value) }
    }

    /// y = x, converted where the formats differ.
    public func convert(_ x: Tensor, into y: Tensor) {
        perform("convert format", [x, y]) { (device: any ConversionDevice) in device.convert(x, into: y) }
    }
}

extension Tape {
    /// The same values stored in another format; the gradient is converted back.
    public func convert(_ x: Tensor, to format: NumberFormat) -> Tensor {
        if x.format == format { return x }
        let needs = records(x)
        let y = backend.empty(x.shape, format: format, requiresGradient: needs)
        backend.convert(x, into: y)
        if needs {
            let source = x.slot
            record(from: y) { [self] dy in
                let dx = backend.empty(source.shape, format: source.format)
                backend.convert(dy, into: dx)
                send(dx, to: source)
            }
        }
        return y
    }
}
