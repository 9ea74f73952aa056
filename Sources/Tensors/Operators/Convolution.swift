// Convolutions of NHWC maps.

/// What a device does for it. weight [O,k,k,I], stride 1, zero padding k/2.
protocol ConvolutionDevice {
    func convolution(_ x: Tensor, weight: Tensor, kernel: Int, into y: Tensor)
    func convolutionDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor)
    func convolutionWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor)
}

extension Tape {
    /// Cross-correlation k x k, stride 1, zero padding k/2, no bias. x [B,H,W,I], weight [O,k,k,I] -> [B,H,W,O].
    public func convolution(_ x: Tensor, weight: Tensor, bias: Tensor? = nil, kernel: Int) -> Tensor {
        let output = weight.shape[0]
        precondition(weight.count == output * kernel * kernel * x.channels, "convolution: weight \(weight.shape), input \(x.shape)")
        let needs = records(x, weight, bias)
        let y = backend.empty(x.shape.dropLast() + [output], format: x.format, requiresGradient: needs)
        backend.perform("convolution forward", operations: 2 * Double(x.rows * weight.count), [x, weight, y]) {
            (device: any ConvolutionDevice) in device.convolution(x, weight: weight, kernel: kernel, into: y)
        }
        if let bias { backend.addBias(bias, to: y) }
        if needs {
            record(from: y) { [self] dy in
                if let bias, bias.requiresGradient { backend.biasGradient(dy, into: gradientSum(of: bias)) }
                if weight.requiresGradient {
                    let dweight = backend.empty(like: weight)
                    backend.perform("convolution weight gradient", operations: 2 * Double(dy.rows * dweight.count), [x, dy, dweight]) {
                        (device: any ConvolutionDevice) in device.convolutionWeightGradient(x, dy, kernel: kernel, into: dweight)
                    }
                    send(dweight, to: weight)
                }
                if x.requiresGradient {
                    let dx = backend.empty(like: x)
                    backend.perform("convolution data gradient", operations: 2 * Double(dy.rows * weight.count), [dy, weight, dx]) {
                        (device: any ConvolutionDevice) in device.convolutionDataGradient(dy, weight: weight, kernel: kernel, into: dx)
                    }
                    send(dx, to: x)
                }
            }
        }
        return y
    }
}
