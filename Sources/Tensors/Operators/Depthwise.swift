// Depthwise convolution on NHWC maps: every channel by itself.

/// What a device does for it. weight [k*k,C], zero padding k/2, stride 1.
protocol DepthwiseDevice {
    func depthwise(_ x: Tensor, weight: Tensor, bias: Tensor?, kernel: Int, into y: Tensor)
    func depthwiseDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor)
    /// Both are "+=".
    func depthwiseWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor, _ dbias: Tensor?)
}

extension Backend {
    func depthwise(_ x: Tensor, weight: Tensor, bias: Tensor?, kernel: Int, into y: Tensor) {
        perform("depthwise forward", operations: 2 * Double(x.count * kernel * kernel), [x, y]) { (device: any DepthwiseDevice) in
            device.depthwise(x, weight: weight, bias: bias, kernel: kernel, into: y)
        }
    }

    func depthwiseDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor) {
        perform("depthwise data gradient", operations: 2 * Double(dy.count * kernel * kernel), [dy, dx]) { (device: any DepthwiseDevice) in
            device.depthwiseDataGradient(dy, weight: weight, kernel: kernel, into: dx)
        }
    }

    func depthwiseWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor, _ dbias: Tensor?) {
        perform("depthwise weight gradient", operations: 2 * Double(x.count * kernel * kernel), [x, dy]) { (device: any DepthwiseDevice) in
            device.depthwiseWeightGradient(x, dy, kernel: kernel, into: dweight, dbias)
        }
    }
}

extension Tape {
    /// Depthwise k x k, padding k/2. x [B,H,W,C], weight [k*k,C], bias [C].
    public func depthwise(_ x: Tensor, weight: Tensor, bias: Tensor, kernel: Int) -> Tensor {
        precondition(weight.count == kernel * kernel * x.channels, "depthwise: weight \(weight.shape), input \(x.shape)")
        let needs = records(x, weight, bias)
        let y = backend.empty(like: x, requiresGradient: needs)
        backend.depthwise(x, weight: weight, bias: bias, kernel: kernel, into: y)
        if needs {
            record(from: y) { [self] dy in
                backend.depthwiseWeightGradient(x, dy, kernel: kernel, into: gradientSum(of: weight), gradientSum(of: bias))
                if x.requiresGradient {
                    let dx = backend.empty(like: x)
                    backend.depthwiseDataGradient(dy, weight: weight, kernel: kernel, into: dx)
                    send(dx, to: x)
                }
            }
        }
        return y
    }
}
