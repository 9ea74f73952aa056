// Convolutions whose stride is their kernel, and their transposes: patches of NHWC maps as rows, and a matrix product.

/// What a device does for it. x [B,H,W,C], rows [B, H/size, W/size, size*size*C].
protocol PatchDevice {
    func gatherPatches(_ x: Tensor, size: Int, into rows: Tensor)
    func scatterPatches(_ rows: Tensor, size: Int, into x: Tensor)
}

extension Backend {
    fileprivate func gatherPatches(_ x: Tensor, size: Int, into rows: Tensor) {
        perform("patches", [x, rows]) { (device: any PatchDevice) in device.gatherPatches(x, size: size, into: rows) }
    }

    fileprivate func scatterPatches(_ rows: Tensor, size: Int, into x: Tensor) {
        perform("patches", [rows, x]) { (device: any PatchDevice) in device.scatterPatches(rows, size: size, into: x) }
    }
}

extension Tape {
    /// Convolution k x k with stride k: patches as rows, then a linear map. x [B,H,W,I], weight [O,k,k,I] -> [B,H/k,W/k,O].
    public func patchConvolution(_ x: Tensor, weight: Tensor, bias: Tensor, kernel: Int) -> Tensor {
        linear(gatherPatches(x, size: kernel), weight: weight, bias: bias)
    }

    /// The size x size pixels of each patch, row by row, as the channels of one pixel. x [B,H,W,C] -> [B,H/size,W/size,size*size*C].
    public func gatherPatches(_ x: Tensor, size: Int) -> Tensor {
        let batch = x.shape[0], height = x.shape[1] / size, width = x.shape[2] / size
        precondition(x.shape[1] % size == 0 && x.shape[2] % size == 0, "gatherPatches: \(x.shape) is not a multiple of \(size)")
        let needs = records(x)
        let patches = backend.empty([batch, height, width, size * size * x.channels], format: x.format, requiresGradient: needs)
        backend.gatherPatches(x, size: size, into: patches)
        if needs {
            let source = x.slot
            record(from: patches) { [self] dpatches in
                let dx = backend.empty(source.shape, format: source.format)
                backend.scatterPatches(dpatches, size: size, into: dx)
                send(dx, to: source)
            }
        }
        return patches
    }

    /// Transposed convolution k x k, stride k: every input pixel becomes a k x k patch. x [B,H,W,I], weight [I,k,k,O], bias [O] ->
    /// [B,kH,kW,O].
    public func transposedConvolution(_ x: Tensor, weight: Tensor, bias: Tensor? = nil, kernel: Int) -> Tensor {
        let input = x.channels, output = weight.count / (input * kernel * kernel), width = kernel * kernel * output
        precondition(weight.shape[0] == input, "transposedConvolution: weight \(weight.shape), input \(x.shape)")
        let needs = records(x, weight, bias)
        let patches = backend.empty(x.shape.dropLast() + [width], format: x.format)
        // The product adds a bias to its columns: one for each pixel of a patch.
        let columns = bias.map { bias in
            let each = backend.zeros([kernel * kernel, output])
            backend.addBias(bias, to: each)
            return each.viewed(as: [width])
        }
        backend.matrixProduct(
            MatrixView(x), transposed: false, MatrixView(factor(weight, for: x), stride: width), transposed: false,
            into: MatrixView(patches),
            m: x.rows, n: width, k: input, beta: 0, bias: columns)
        let y = backend.empty([x.shape[0], x.shape[1] * kernel, x.shape[2] * kernel, output], format: x.format, requiresGradient: needs)
        backend.scatterPatches(patches, size: kernel, into: y)
        if needs {
            record(from: y) { [self] dy in
                if let bias, bias.requiresGradient { backend.biasGradient(dy, into: gradientSum(of: bias)) }
                let dpatches = backend.empty(x.shape.dropLast() + [width], format: x.format)
                backend.gatherPatches(dy, size: kernel, into: dpatches)
                if weight.requiresGradient {
                    backend.matrixProduct(
                        MatrixView(x), transposed: true, MatrixView(dpatches), transposed: false,
                        into: MatrixView(gradientSum(of: weight), stride: width), m: input, n: width, k: x.rows, beta: 1, bias: nil)
                }
                if x.requiresGradient {
                    let (dx, beta) = destination(for: x)
                    backend.matrixProduct(
                        MatrixView(dpatches), transposed: false, MatrixView(factor(weight, for: x), stride: width), transposed: true,
                        into: MatrixView(dx), m: x.rows, n: input, k: width, beta: beta, bias: nil)
                }
            }
        }
        return y
    }

    /// Pixel shuffle, the inverse of `gatherPatches`: every channel's place in a square of `factor` pixels. x [B,h,w,f*f*C], square by square -> [B,h*f,w*f,C].
    public func pixelShuffle(_ x: Tensor, factor f: Int) -> Tensor {
        let needs = records(x)
        let y = backend.empty(
            [x.shape[0], x.shape[1] * f, x.shape[2] * f, x.channels / (f * f)], format: x.format, requiresGradient: needs)
        backend.scatterPatches(x, size: f, into: y)
        if needs {
            let source = x.slot
            record(from: y) { [self] dy in
                let dx = backend.empty(source.shape, format: source.format)
                backend.gatherPatches(dy, size: f, into: dx)
                send(dx, to: source)
            }
        }
        return y
    }
}
