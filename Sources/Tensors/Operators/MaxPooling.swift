// Max pooling over windows that do not overlap, the step down of a U-Net. NHWC maps.

/// What a device does for it.
protocol MaxPoolingDevice {
    /// y = the largest of each window of size x size pixels of x; `places`, [B,H/size,W/size,C], which one that was, counted row by row:
    /// the first of several. A value that is not a number counts as the largest.
    func maxPool(_ x: Tensor, size: Int, into y: Tensor, places: ByteTensor?)
    /// dx = dy at these places and 0 elsewhere in the windows; or += where it accumulates. Pixels outside all windows are left as they are.
    func maxPoolGradient(_ dy: Tensor, places: ByteTensor, size: Int, into dx: Tensor, accumulate: Bool)
}

extension Tape {
    /// The largest value of each window of size x size pixels, stride `size`; rows and columns that are left over are dropped.
    /// x [B,H,W,C] -> [B,H/size,W/size,C]. dx is dy at the largest value, the first of equal ones, and 0 elsewhere.
    public func maxPool(_ x: Tensor, size: Int = 2) -> Tensor {
        precondition(
            x.shape.count == 4 && (1...15).contains(size) && x.shape[1] >= size && x.shape[2] >= size, "maxPool: \(x.shape) by \(size)")
        let needs = records(x)
        let y = backend.empty([x.shape[0], x.shape[1] / size, x.shape[2] / size, x.channels], format: x.format, requiresGradient: needs)
        let places = needs ? backend.emptyBytes(y.shape) : nil
        backend.perform("max pooling forward", [x, y]) { (device: any MaxPoolingDevice) in
            device.maxPool(x, size: size, into: y, places: places)
        }
        if let places {
            let source = x.slot, leavesOver = x.shape[1] % size != 0 || x.shape[2] % size != 0
            record(from: y) { [self] dy in
                let (dx, beta) = destination(for: source)
                if beta == 0, leavesOver { backend.fill(dx, 0) }
                backend.perform("max pooling backward", [dy, dx]) { (device: any MaxPoolingDevice) in
                    device.maxPoolGradient(dy, places: places, size: size, into: dx, accumulate: beta == 1)
                }
            }
        }
        return y
    }
}
