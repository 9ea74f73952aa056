// One number for each channel, added to every row: what linear maps and convolutions end with. No operator of the tape by itself.

/// What a device does for it.
protocol BiasDevice {
    /// y += bias in every row.
    func addBias(_ bias: Tensor, to y: Tensor)
    /// db += sum of the rows of dy.
    func biasGradient(_ dy: Tensor, into db: Tensor)
}

extension Backend {
    /// y += bias in every row.
    func addBias(_ bias: Tensor, to y: Tensor) { perform("bias", [y, y]) { (device: any BiasDevice) in device.addBias(bias, to: y) } }

    /// db += sum of the rows of dy.
    func biasGradient(_ dy: Tensor, into db: Tensor) {
        perform("bias gradient", [dy]) { (device: any BiasDevice) in device.biasGradient(dy, into: db) }
    }
}
