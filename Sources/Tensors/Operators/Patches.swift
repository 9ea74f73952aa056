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

    /// The size x size pixels of each patch, row by row, as the channels of one pixel. x [B,H,W,C] -> [B,H/size,W/size,size*size*C].
    public func gatherPatches(_ x: Tensor, size: Int) -> Tensor {
        precondition(
            x.shape.count == 4 && x.shape[1] % size == 0 && x.shape[2] % size == 0, "gatherPatches: \(x.shape) is no multiple of \(size)")
        return rearranged(x, to: [x.shape[0], x.shape[1] / size, x.shape[2] / size, size * size * x.channels]) {
            $0.gatherPatches($1, size: size, into: $2)
        } back: {
            $0.scatterPatches($1, size: size, into: $2)
        }
    }

    /// The inverse: x [B,H,W,size*size*C] -> [B,size*H,size*W,C]. Channel (i size + j) C + c of a pixel goes to row i, column j of its
    /// patch.
    public func scatterPatches(_ x: Tensor, size: Int) -> Tensor {
        precondition(x.shape.count == 4 && x.channels % (size * size) == 0, "scatterPatches: \(x.shape) to patches of \(size)")
        return rearranged(x, to: [x.shape[0], x.shape[1] * size, x.shape[2] * size, x.channels / (size * size)]) {
            $0.scatterPatches($1, size: size, into: $2)
        } back: {
            $0.gatherPatches($1, size: size, into: $2)
        }
    }

    /// The same numbers at other places; the gradient goes the way back.
    private func rearranged(
        _ x: Tensor, to shape: [Int], _ there: (any Backend, Tensor, Tensor) -> Void,
        back: @escaping (any Backend, Tensor, Tensor) -> Void
    ) -> Tensor {
        let needs = records(x)
        let y = backend.empty(shape, format: x.format, requiresGradient: needs)
        there(backend, x, y)
        if needs {
            let source = x.slot
            record(from: y) { [self] dy in
                let dx = backend.empty(source.shape, format: source.format)
                back(backend, dy, dx)
                send(dx, to: source)
            }
        }
        return y
    }
}
