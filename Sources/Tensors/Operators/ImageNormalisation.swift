// Images as they are stored to a network's input, each by its own mean and deviation. Not for constants of a data set (`scaleImages`).

/// What a device does for it.
protocol ImageNormalisationDevice {
    func normaliseImages(_ x: ByteTensor, into y: Tensor)
}

extension Backend {
    /// y = (x - mean) / deviation of each image. x uint8 [B,H,W,1 or 3], y [B,H,W,3].
    public func normaliseImages(_ x: ByteTensor, into y: Tensor) {
        perform("normalise images", [y]) { (device: any ImageNormalisationDevice) in device.normaliseImages(x, into: y) }
    }
}
