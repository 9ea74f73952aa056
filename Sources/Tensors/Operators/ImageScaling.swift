// Images as they are stored to a network's input, by constants of each channel. Not for what is computed from each image
// (`Backend.normaliseImages`).

/// One number of a network's input from one pixel value: scale x + shift, channel by channel in the network's order.
struct ImageScaling {
    let scale: [Float], shift: [Float]
    /// The network's first channel is the stored image's last: blue, where images are stored as red, green, blue.
    let reversesChannels: Bool
}

/// What a device does for it.
protocol ImageScalingDevice {
    /// x uint8 [B,H,W,1 or 3] -> y [B,H,W,3]; one channel serves all three.
    func scaleImages(_ x: ByteTensor, _ scaling: ImageScaling, into y: Tensor)
}

extension Backend {
    /// y = (x - mean) / deviation, three numbers each, in the order of y's channels. x uint8 [B,H,W,1 or 3], y [B,H,W,3].
    public func scaleImages(_ x: ByteTensor, mean: [Double], deviation: [Double], reversesChannels: Bool, into y: Tensor) {
        precondition(
            mean.count == 3 && deviation.count == 3 && y.count == x.count / (x.shape.last ?? 1) * 3, "scaleImages: \(x.shape) to \(y.shape)"
        )
        let scaling = ImageScaling(
            scale: deviation.map { Float(1 / $0) }, shift: zip(mean, deviation).map { Float(-$0 / $1) }, reversesChannels: reversesChannels)
        perform("normalise images", [y]) { (device: any ImageScalingDevice) in device.scaleImages(x, scaling, into: y) }
    }
}
