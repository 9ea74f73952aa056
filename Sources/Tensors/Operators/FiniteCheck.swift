// Whether all elements are numbers.

/// What a device does for it.
protocol FiniteCheckDevice {
    func allFinite(_ x: Tensor) -> Bool
}

extension Backend {
    /// Waits for the device.
    public func allFinite(_ x: Tensor) -> Bool {
        perform("finite check", [x]) { (device: any FiniteCheckDevice) in device.allFinite(x) }
    }
}
