// Spatial operators on NHWC maps. Weights are in the backend's layouts: [O,k,k,I] for convolutions and patches, [k*k,C] depthwise,
// [I,k,k,O] transposed.

extension Tape {
    /// Cross-correlation k x k, stride 1, zero padding k/2, no bias. x [B,H,W,I], weight [O,k,k,I] -> [B,H,W,O].
    public func convolution(_ x: Tensor, weight: Tensor, bias: Tensor? = nil, kernel: Int) -> Tensor {
        let output = weight.shape[0]
        precondition(weight.count == output * kernel * kernel * x.channels, "convolution: weight \(weight.shape), input \(x.shape)")
        let needs = records(x, weight, bias)
        let y = backend.empty(x.shape.dropLast() + [output], format: x.format, requiresGradient: needs)
        backend.convolution(x, weight: weight, kernel: kernel, into: y)
        if let bias { backend.addBias(bias, to: y) }
        if needs {
            record(from: y) { [self] dy in
                if let bias, bias.requiresGradient { backend.biasGradient(dy, into: gradientSum(of: bias)) }
                if weight.requiresGradient {
                    let dweight = backend.empty(like: weight)
                    backend.convolutionWeightGradient(x, dy, kernel: kernel, into: dweight)
                    send(dweight, to: weight)
                }
                if x.requiresGradient {
                    let dx = backend.empty(like: x)
                    backend.convolutionDataGradient(dy, weight: weight, kernel: kernel, into: dx)
                    send(dx, to: x)
                }
            }
        }
        return y
    }

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

    /// Convolution k x k with stride k: patches as rows, then a linear map. x [B,H,W,I], weight [O,k,k,I] -> [B,H/k,W/k,O].
    public func patchConvolution(_ x: Tensor, weight: Tensor, bias: Tensor, kernel: Int) -> Tensor {
        let batch = x.shape[0], height = x.shape[1] / kernel, width = x.shape[2] / kernel
        precondition(x.shape[1] % kernel == 0 && x.shape[2] % kernel == 0, "patchConvolution: \(x.shape) is not a multiple of \(kernel)")
        let needs = records(x)
        let patches = backend.empty([batch, height, width, kernel * kernel * x.channels], format: x.format, requiresGradient: needs)
        backend.gatherPatches(x, size: kernel, into: patches)
        if needs {
            let source = x.slot
            record(from: patches) { [self] dpatches in
                let dx = backend.empty(source.shape, format: source.format)
                backend.scatterPatches(dpatches, size: kernel, into: dx)
                send(dx, to: source)
            }
        }
        return linear(patches, weight: weight, bias: bias)
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

    /// Pixel shuffle by r, zero padding of r-1 above and left, r x r mean with stride 1, plus a scalar bias: the end of the head (eqs.
    /// 23-25) with its last convolution folded into the one before. x [B,h,w,r*r], bias [1] -> [B,h*r,w*r].
    public func shufflePool(_ x: Tensor, factor r: Int, bias: Tensor) -> Tensor {
        precondition(x.channels == r * r && bias.count == 1, "shufflePool: \(x.shape) with factor \(r)")
        let needs = records(x, bias)
        let y = backend.empty([x.shape[0], x.shape[1] * r, x.shape[2] * r], requiresGradient: needs)
        backend.shufflePool(x, factor: r, bias: bias, into: y)
        if needs {
            let source = x.slot
            record(from: y) { [self] dy in
                let dx = backend.empty(source.shape, format: source.format)
                backend.shufflePoolGradient(dy, factor: r, into: dx, gradientSum(of: bias))
                send(dx, to: source)
            }
        }
        return y
    }

    /// Sums groups of rows with weights: the head's 1x1 convolution folded into the 3x3 one before it.
    /// parts [G*S, K], mix [G] -> y [S, K] with y[s] = sum over g of mix[g] parts[g*S + s].
    /// dparts[g*S+s] += mix[g] dy[s], dmix[g] += sum over s of <parts[g*S+s], dy[s]>.
    public func foldGroups(_ parts: Tensor, mix: Tensor) -> Tensor {
        let groups = mix.count, sub = parts.shape[0] / groups, width = parts.count / parts.shape[0]
        precondition(parts.shape[0] == groups * sub, "foldGroups: \(parts.shape) with \(groups) groups")
        let needs = records(parts, mix)
        let y = backend.empty([sub] + parts.shape.dropFirst(), requiresGradient: needs)
        // A [1, G] x [G, S*K] product.
        let block = sub * width
        backend.matrixProduct(
            MatrixView(mix, stride: groups), transposed: false, MatrixView(parts, stride: block), transposed: false,
            into: MatrixView(y, stride: block), m: 1, n: block, k: groups, beta: 0, bias: nil)
        if needs {
            record(from: y) { [self] dy in
                backend.matrixProduct(
                    MatrixView(mix, stride: groups), transposed: true, MatrixView(dy, stride: block), transposed: false,
                    into: MatrixView(gradientSum(of: parts), stride: block), m: groups, n: block, k: 1, beta: 1, bias: nil)
                backend.matrixProduct(
                    MatrixView(dy, stride: block), transposed: false, MatrixView(parts, stride: block), transposed: true,
                    into: MatrixView(gradientSum(of: mix), stride: groups), m: 1, n: groups, k: block, beta: 1, bias: nil)
            }
        }
        return y
    }
}
