// The pair of linear maps around a GELU, alone or as the whole block of ConvNeXt around it: one operator, because its maps are the largest
// of the model, and what is cheap to compute again need not be kept.

/// The parameters of a feed-forward pair and of what may stand around it.
public struct ConvNeXtBlockWeights {
    /// k x k depthwise convolution before all else: weight [k*k, C], bias [C].
    public struct Depthwise {
        let weight: Tensor, bias: Tensor
        let kernel: Int

        public init(weight: Tensor, bias: Tensor, kernel: Int) {
            self.weight = weight
            self.bias = bias
            self.kernel = kernel
        }
    }

    /// Layer norm over channels.
    public struct Norm {
        let gamma: Tensor, beta: Tensor
        let epsilon: Float

        public init(gamma: Tensor, beta: Tensor, epsilon: Float) {
            self.gamma = gamma
            self.beta = beta
            self.epsilon = epsilon
        }
    }

    /// weight [O, I], bias [O].
    public struct Linear {
        let weight: Tensor, bias: Tensor

        public init(weight: Tensor, bias: Tensor) {
            self.weight = weight
            self.bias = bias
        }
    }

    let depthwise: Depthwise?
    let norm: Norm?
    let expand: Linear, project: Linear
    let scale: Tensor?

    /// - Parameter scale: a factor for each channel of the result, which is then added to the input.
    public init(depthwise: Depthwise? = nil, norm: Norm? = nil, expand: Linear, project: Linear, scale: Tensor? = nil) {
        self.depthwise = depthwise
        self.norm = norm
        self.expand = expand
        self.project = project
        self.scale = scale
    }
}

/// A linear map and a factor for each of its outputs: weight [O, I], bias [O], scale [O]; or their gradients.
struct ScaledLinear {
    let weight: Tensor, bias: Tensor, scale: Tensor
}

/// What a device may do for it; others compose the block of plain operators.
protocol ConvNeXtBlockDevice {
    /// hidden = a weight^T + bias in every row, active = GELU(hidden); weight [O, I] of a's format; active may be hidden, which then holds
    /// GELU alone.
    func productBiasGELU(_ a: Tensor, _ weight: Tensor, bias: Tensor, into hidden: Tensor, _ active: Tensor)
    /// dx = GELU'(x) dy, dbias += its column sums, y = GELU(x); dx may be dy, y may be x.
    func biasGELUGradient(_ x: Tensor, _ dy: Tensor, into dx: Tensor, _ dbias: Tensor, output y: Tensor)
    /// y[r,:] = scale[r] x[r,:]; x float32, y of any format.
    func scaleRows(_ x: Tensor, by scale: Tensor, into y: Tensor)
    /// Gradients of a linear map whose outputs are scaled, from `product`, that of the scaled weight, and `sums`, that of the scaled bias;
    /// all "+=".
    func scaledLinearGradient(_ map: ScaledLinear, product: Tensor, sums: Tensor, into gradients: ScaledLinear)
}

extension Tape {
    /// y = W2 GELU(W1 n(d(x)) + b1) + b2 over rows, d the depthwise convolution and n the layer norm, where there are any; with a scale,
    /// y = x + scale (that), the scale folded into W2 and b2. x [B,H,W,C] or [..., C], W1 [H, C], W2 [O, H] -> [..., O].
    ///
    /// Kept for the backward pass are x and h = W1 n(d(x)) + b1 alone; the rest is computed again. With a = GELU(h), G = dy^T a, s = sum of
    /// dy and V = diag(scale) W2: dW2 += diag(scale) G, db2 += scale s, dscale += rowwise <W2, G> + b2 s, dh = (dy V) GELU'(h), db1 += sum
    /// of dh, dW1 += dh^T n(d(x)), dn = dh W1. No map of the size of y is needed for the scale's gradient.
    public func convNeXtBlock(_ x: Tensor, _ p: ConvNeXtBlockWeights) -> Tensor {
        let input = x.channels, width = p.expand.weight.shape[0], output = p.project.weight.shape[0], rows = x.rows
        precondition(
            p.expand.weight.count == width * input && p.project.weight.count == output * width && (p.scale == nil || output == input),
            "convNeXtBlock: \(x.shape), expand \(p.expand.weight.shape), project \(p.project.weight.shape)")
        guard let device = backend.capability((any ConvNeXtBlockDevice).self) else { return plainConvNeXtBlock(x, p) }
        let needs = records(x, p.expand.weight, p.project.weight)
        let mean = backend.empty([p.norm == nil ? 1 : rows]), reciprocal = backend.empty(mean.shape)
        func spread() -> Tensor {
            guard let d = p.depthwise else { return x }
            let y = backend.empty(like: x)
            backend.depthwise(x, weight: d.weight, bias: d.bias, kernel: d.kernel, into: y)
            return y
        }
        func normalised(_ x: Tensor) -> Tensor {
            guard let norm = p.norm else { return x }
            let y = backend.empty(like: x)
            backend.layerNorm(x, gamma: norm.gamma, beta: norm.beta, epsilon: norm.epsilon, into: y, mean: mean, reciprocal: reciprocal)
            return y
        }
        /// W2 with the scale in it, in the format of the activations.
        func projection() -> Tensor {
            guard let scale = p.scale else { return factor(p.project.weight, for: x) }
            let scaled = backend.empty(p.project.weight.shape, format: x.format)
            scaleRows(p.project.weight, by: scale, into: scaled)
            return scaled
        }
        func scaleRows(_ x: Tensor, by scale: Tensor, into y: Tensor) {
            backend.measured("layer scale of weights", [x, y]) { device.scaleRows(x, by: scale, into: y) }
        }

        let hidden = backend.empty(x.shape.dropLast() + [width], format: x.format)
        let active = needs ? backend.empty(like: hidden) : hidden
        // In a scope of their own, so that their memory is free again before the next product.
        do {
            let mixed = normalised(spread()), expand = factor(p.expand.weight, for: x)
            let operations = 2 * Double(rows) * Double(expand.count)
            backend.measured("matrix product and GELU, forward", operations: operations, [mixed, expand, hidden, hidden, active]) {
                device.productBiasGELU(mixed, expand, bias: p.expand.bias, into: hidden, active)
            }
        }
        let y = backend.empty(x.shape.dropLast() + [output], format: x.format, requiresGradient: needs)
        if let scale = p.scale {
            backend.convert(x, into: y)
            let bias = backend.empty([output])
            scaleRows(p.project.bias.viewed(as: [output, 1]), by: scale, into: bias)
            rowProduct(active, projection(), transposed: true, into: y, beta: 1, bias: bias)
        } else {
            rowProduct(active, projection(), transposed: true, into: y, bias: p.project.bias)
        }
        guard needs else { return y }

        record(from: y) { [self] dy in
            let dhidden = backend.empty(like: hidden)
            rowProduct(dy, projection(), transposed: false, into: dhidden)
            // From here on `hidden` holds GELU(h).
            let dbias = gradientSum(of: p.expand.bias)
            backend.measured("GELU backward", [hidden, dhidden, dhidden, hidden]) {
                device.biasGELUGradient(hidden, dhidden, into: dhidden, dbias, output: hidden)
            }
            if let scale = p.scale {
                let sums = backend.zeros([output])
                backend.biasGradient(dy, into: sums)
                let product = backend.empty(p.project.weight.shape)
                weightProduct(dy, hidden, into: product, beta: 0)
                let gradients = ScaledLinear(
                    weight: gradientSum(of: p.project.weight), bias: gradientSum(of: p.project.bias), scale: gradientSum(of: scale))
                backend.measured("layer scale of weights", [p.project.weight, product, gradients.weight, gradients.weight]) {
                    device.scaledLinearGradient(
                        ScaledLinear(weight: p.project.weight, bias: p.project.bias, scale: scale), product: product, sums: sums,
                        into: gradients)
                }
            } else {
                backend.biasGradient(dy, into: gradientSum(of: p.project.bias))
                weightProduct(dy, hidden, into: gradientSum(of: p.project.weight), beta: 1)
            }
            let mixed = spread(), again = normalised(mixed)
            weightProduct(dhidden, again, into: gradientSum(of: p.expand.weight), beta: 1)
            guard x.requiresGradient || p.norm != nil || p.depthwise != nil else { return }
            var dx = again === x ? backend.empty(like: x) : again
            rowProduct(dhidden, factor(p.expand.weight, for: x), transposed: false, into: dx)
            if let norm = p.norm {
                let normGradient = dx
                dx = backend.empty(like: x)
                backend.layerNormGradient(
                    mixed, gamma: norm.gamma, mean: mean, reciprocal: reciprocal, normGradient, into: dx, gradientSum(of: norm.gamma),
                    gradientSum(of: norm.beta))
            }
            if let d = p.depthwise {
                backend.depthwiseWeightGradient(x, dx, kernel: d.kernel, into: gradientSum(of: d.weight), gradientSum(of: d.bias))
                guard x.requiresGradient else { return }
                let spreadGradient = dx
                dx = mixed === x || mixed === spreadGradient ? backend.empty(like: x) : mixed
                backend.depthwiseDataGradient(spreadGradient, weight: d.weight, kernel: d.kernel, into: dx)
            }
            send(dx, to: x)
            if p.scale != nil { send(dy, to: x) }
        }
        return y
    }

    /// The same of plain operators, which keep more for the backward pass.
    private func plainConvNeXtBlock(_ x: Tensor, _ p: ConvNeXtBlockWeights) -> Tensor {
        var y = x
        if let d = p.depthwise { y = depthwise(y, weight: d.weight, bias: d.bias, kernel: d.kernel) }
        if let norm = p.norm { y = layerNorm(y, gamma: norm.gamma, beta: norm.beta, epsilon: norm.epsilon) }
        y = activate(.gelu, linear(y, weight: p.expand.weight, bias: p.expand.bias))
        y = linear(y, weight: p.project.weight, bias: p.project.bias)
        guard let scale = p.scale else { return y }
        return add(x, scaleChannels(y, by: scale))
    }

    /// c = a w^T (transposed) or a w over the rows of a; w [O, I].
    private func rowProduct(_ a: Tensor, _ w: Tensor, transposed: Bool, into c: Tensor, beta: Float = 0, bias: Tensor? = nil) {
        let output = w.shape[0], input = w.count / output
        backend.matrixProduct(
            MatrixView(a), transposed: false, MatrixView(w, stride: input), transposed: transposed, into: MatrixView(c), m: a.rows,
            n: transposed ? output : input, k: transposed ? input : output, beta: beta, bias: bias)
    }

    /// g = dy^T x + beta g over the rows of both.
    private func weightProduct(_ dy: Tensor, _ x: Tensor, into g: Tensor, beta: Float) {
        backend.matrixProduct(
            MatrixView(dy), transposed: true, MatrixView(x), transposed: false, into: MatrixView(g, stride: x.channels), m: dy.channels,
            n: x.channels, k: x.rows, beta: beta, bias: nil)
    }
}
