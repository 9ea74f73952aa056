// Pointwise and row-wise arithmetic, norms and products on the GPU: selects kernels and grids.
extension CUDABackend:
    SumDevice, ActivationDevice, ConvNeXtBlockDevice, DropoutDevice, FiniteCheckDevice, BiasDevice, PositionalEmbeddingDevice, ColumnDevice,
    GatherDevice, LayerNormDevice, BatchNormDevice, ProductDevice
{
    // MARK: Pointwise

    func fill(_ y: Tensor, _ value: Float) {
        if value == 0 { return transfers.clear(y.deviceAddress, bytes: y.count * y.format.bytes) }
        map("fill", y.format, count: y.count, value, y)
    }

    func add(_ a: Tensor, _ b: Tensor, into y: Tensor) { map("add", y.format, count: y.count, a, b, y) }

    func addScaled(_ a: Tensor, _ b: Tensor, scale s: Tensor, into y: Tensor) {
        map("add_scaled", y.format, count: y.count, a, b, s, y)
    }

    func accumulate(_ x: Tensor, scale: Float, into y: Tensor) { map("accumulate", y.format, count: y.count, scale, x, y) }

    func scale(_ x: Tensor, by factor: Float, into y: Tensor) {
        map("scale", y.format, count: y.count, x, factor, Optional<Tensor>.none, y)
    }

    func scale(_ x: Tensor, by s: Tensor, into y: Tensor) { map("scale", y.format, count: y.count, x, Float(0), Optional(s), y) }

    func dot(_ a: Tensor, _ b: Tensor, accumulateInto sum: Tensor) {
        let blocks = min(elementBlocks(a.count), device.info.multiprocessors * 4)
        let partials = arena.block(bytes: blocks * 8)
        launch(.pointwise, "dot", a.format, grid: (blocks, 1, 1), a.count, a, b, partials)
        launch(.pointwise, "dot_sum", a.format, grid: (1, 1, 1), Int32(blocks), partials, sum)
    }

    func activate(_ kind: Activation, _ x: Tensor, into y: Tensor) {
        map("activate", y.format, count: y.count, kind.number, kind.slope, x, y)
    }

    func activationGradient(_ kind: Activation, saved: Tensor, _ dy: Tensor, into dx: Tensor) {
        map("activate_gradient", dx.format, count: dx.count, kind.number, kind.slope, saved, dy, dx)
    }

    func dropout(_ x: Tensor, probability: Float, seed: DropoutSeed, into y: Tensor) {
        map("dropout", y.format, count: y.count, x, probability, deviceSeed(seed), y)
    }

    func allFinite(_ x: Tensor) -> Bool {
        let found = emptyBytes([1])
        transfers.clear(found.storage.deviceAddress, bytes: 1)
        map("find_not_finite", x.format, count: x.count, x, found)
        var byte: UInt8 = 0
        withUnsafeMutableBytes(of: &byte) { transfers.download(from: found.storage.deviceAddress, to: $0) }
        return byte == 0
    }

    /// The library adds the bias to the product while it writes it, so only one more read and one more write remain.
    func productBiasGELU(_ a: Tensor, _ weight: Tensor, bias: Tensor, into hidden: Tensor, _ active: Tensor) {
        let output = hidden.channels, input = a.channels
        matrixProduct(
            MatrixView(a), transposed: false, MatrixView(weight, stride: input), transposed: true, into: MatrixView(hidden), m: a.rows,
            n: output,
            k: input, beta: 0, bias: bias)
        activate(.gelu, hidden, into: active)
    }

    func biasGELUGradient(_ x: Tensor, _ dy: Tensor, into dx: Tensor, _ dbias: Tensor, output y: Tensor) {
        columnSums("bias_gelu_gradient", .rows, like: x, [x, dy, dx, y], into: [dbias], x, dy, dx, y)
    }

    // MARK: Rows

    /// Launches a kernel of rows.cu over all elements of matrices of one shape, sixteen bytes at a time if possible.
    private func rowKernel(_ name: String, _ x: Tensor, _ y: Tensor, _ arguments: any KernelArgument...) {
        let isVector = isVectorisable(x.channels, x.format, x.deviceAddress, y.deviceAddress)
        let blocks = elementBlocks(x.count, each: isVector ? vectorWidth(x.format) : 1)
        guard device.failure == nil else { return }
        kernels.launch(
            .rows, isVector ? name + "_vector" : name, x.format, grid: (blocks, 1, 1), block: (Self.threads, 1), shared: 0,
            KernelArguments(arguments))
    }

    /// Number of blocks that share the rows of a column sum, if a block takes `columns` columns at once.
    private func sumBlocks(rows: Int, groups: Int) -> (Int, Int) {
        let across = (groups + Self.threads - 1) / Self.threads, lanes = max(1, Self.threads / min(groups, Self.threads))
        let useful = (rows + lanes * 8 - 1) / (lanes * 8)
        return (max(1, min(useful, device.info.multiprocessors * 4 / across)), across)
    }

    /// Launches a kernel built on sum_columns, then adds the blocks' sums to `sums`. Its quantities follow one another in memory.
    func columnSums(
        _ name: String, _ file: KernelFile, like x: Tensor, _ operands: [Tensor], into sums: [Tensor], _ arguments: any KernelArgument...
    ) {
        guard device.failure == nil else { return }
        let rows = x.rows, columns = x.channels
        let isVector = operands.allSatisfy { isVectorisable(columns, $0.format, $0.deviceAddress) }
        let width = isVector ? vectorWidth(x.format) : 1
        let (blocks, across) = sumBlocks(rows: rows, groups: (columns + width - 1) / width)
        let partials = arena.block(bytes: sums.count * blocks * columns * 4)
        kernels.launch(
            file, isVector ? name + "_vector" : name, x.format, grid: (blocks, across, 1), block: (Self.threads, 1), shared: 0,
            KernelArguments([rows, Int32(columns)] + arguments + [partials]))
        for (index, sum) in sums.enumerated() {
            addPartials(partials, from: index * blocks * columns, blocks: blocks, columns: columns, into: sum)
        }
    }

    /// sum [columns] += the sums over blocks of partials [blocks, columns]; `second` += those of the partials behind them.
    func addPartials(_ partials: Storage, from start: Int = 0, blocks: Int, columns: Int, into sum: Tensor, _ second: Tensor? = nil) {
        launch(
            .rows, "sum_partials", .float32, grid: ((columns + 31) / 32, second == nil ? 1 : 2, 1), block: (32, 32), Int32(blocks),
            Int32(columns), DeviceAddress(partials.deviceAddress + UInt64(start * 4)), sum, second)
    }

    func addBias(_ bias: Tensor, to y: Tensor) { rowKernel("add_bias", y, y, y.rows, Int32(y.channels), bias, y) }

    func biasGradient(_ dy: Tensor, into db: Tensor) { columnSums("bias_gradient", .rows, like: dy, [dy], into: [db], dy) }

    func addPositionalEmbedding(_ x: Tensor, _ table: Tensor, into y: Tensor) {
        let isVector = x.channels % 4 == 0 && [x.deviceAddress, y.deviceAddress, table.deviceAddress].allSatisfy { $0 % 16 == 0 }
        launch(
            .rows, isVector ? "add_table_vector" : "add_table", y.format, grid: (elementBlocks(x.count, each: isVector ? 4 : 1), 1, 1),
            x.rows,
            Int32(table.rows), Int32(x.channels), x, table, y)
    }

    func copyColumns(_ x: MatrixView, into y: MatrixView, rows: Int, columns: Int, accumulate: Bool) {
        let format = x.tensor.format, width = vectorWidth(format)
        let isVector = isVectorisable(columns, format, x.deviceAddress, y.deviceAddress) && x.stride % width == 0 && y.stride % width == 0
        launch(
            .rows, isVector ? "copy_columns_vector" : "copy_columns", format,
            grid: (elementBlocks(rows * columns, each: isVector ? width : 1), 1, 1), rows, Int32(columns), x, x.stride, y, y.stride,
            accumulate)
    }

    func gatherRows(_ table: Tensor, _ numbers: RowNumbers, into y: Tensor) {
        launch(.rows, "gather_rows", table.format, grid: (numbers.count, 1, 1), Int32(table.channels), table, numbers.bytes, y)
    }

    func scaleRows(_ x: Tensor, by scale: Tensor, into y: Tensor) {
        launch(
            .rows, "scale_rows", y.format, grid: (scale.count, 1, 1), Int32(x.count / max(1, scale.count)), scale, x, y)
    }

    func scaledLinearGradient(_ map: ScaledLinear, product: Tensor, sums: Tensor, into gradients: ScaledLinear) {
        launch(
            .rows, "scaled_linear_gradient", .float32, grid: (map.scale.count, 1, 1), Int32(product.count / max(1, map.scale.count)),
            map.weight, map.bias, map.scale, product, sums, gradients.weight, gradients.bias, gradients.scale)
    }

    // MARK: Norms

    /// The suffix of the layer norm kernels that hold rows in registers, and the number of rows per warp; nil if the rows do not fit.
    private func registerGroups(_ x: Tensor) -> (suffix: Int, rows: Int)? {
        guard x.channels % 4 == 0, x.deviceAddress % 16 == 0 else { return nil }
        return [(1, 4), (2, 4), (3, 2), (6, 1)].first { x.channels <= 128 * $0.0 }
    }

    func layerNorm(_ x: Tensor, gamma: Tensor, beta: Tensor, epsilon: Float, into y: Tensor, mean: Tensor, reciprocal: Tensor) {
        let groups = registerGroups(x), rows = 8 * (groups?.rows ?? 1)
        launch(
            .norms, groups.map { "layer_norm_\($0.suffix)" } ?? "layer_norm_any", x.format, grid: ((x.rows + rows - 1) / rows, 1, 1),
            x.rows, Int32(x.channels), epsilon, x, gamma, beta, y, mean, reciprocal)
    }

    func layerNormGradient(
        _ x: Tensor, gamma: Tensor, mean: Tensor, reciprocal: Tensor, _ dy: Tensor, into dx: Tensor, _ dgamma: Tensor, _ dbeta: Tensor
    ) {
        let columns = x.channels
        guard let groups = registerGroups(x) else {
            launch(
                .norms, "layer_norm_gradient_any", x.format, grid: ((x.rows + 7) / 8, 1, 1), x.rows, Int32(columns), x, gamma, mean,
                reciprocal,
                dy, dx)
            let (blocks, across) = sumBlocks(rows: x.rows, groups: columns)
            let partials = arena.block(bytes: 2 * blocks * columns * 4)
            launch(
                .norms, "layer_norm_gradient_sums", x.format, grid: (blocks, across, 1), x.rows, Int32(columns), x, mean, reciprocal, dy,
                partials)
            return addPartials(partials, blocks: blocks, columns: columns, into: dgamma, dbeta)
        }
        let blocks = max(1, min((x.rows + 31) / 32, device.info.multiprocessors * 4))
        let partials = arena.block(bytes: 2 * blocks * columns * 4)
        launch(
            .norms, "layer_norm_gradient_\(groups.suffix)", x.format, grid: (blocks, 1, 1), x.rows, Int32(columns), x, gamma, mean,
            reciprocal, dy, dx,
            partials)
        addPartials(partials, blocks: blocks, columns: columns, into: dgamma, dbeta)
    }

    func batchNorm(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float, momentum: Float,
        slope: Float, into y: Tensor, mean: Tensor, reciprocal: Tensor
    ) {
        let columns = x.channels, isVector = isVectorisable(columns, x.format, x.deviceAddress),
            width = isVector ? vectorWidth(x.format) : 1
        let (blocks, across) = sumBlocks(rows: x.rows, groups: (columns + width - 1) / width)
        let partials = arena.block(bytes: 2 * blocks * columns * 4)
        launch(
            .norms, isVector ? "batch_norm_sums_vector" : "batch_norm_sums", x.format, grid: (blocks, across, 1), x.rows, Int32(columns), x,
            partials)
        launch(
            .norms, "batch_norm_statistics", x.format, grid: ((columns + 31) / 32, 1, 1), block: (32, 32), x.rows, Int32(blocks),
            Int32(columns),
            epsilon, momentum, x, partials, mean, reciprocal, runningMean, runningVariance)
        applyNorm(x, gamma: gamma, beta: beta, mean: mean, reciprocal: reciprocal, variance: nil, epsilon: epsilon, slope: slope, into: y)
    }

    func batchNormInference(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float, slope: Float, into y: Tensor
    ) {
        applyNorm(
            x, gamma: gamma, beta: beta, mean: runningMean, reciprocal: nil, variance: runningVariance, epsilon: epsilon, slope: slope,
            into: y)
    }

    private func applyNorm(
        _ x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, reciprocal: Tensor?, variance: Tensor?, epsilon: Float, slope: Float,
        into y: Tensor
    ) {
        let isVector = isVectorisable(x.channels, x.format, x.deviceAddress, y.deviceAddress)
        launch(
            .norms, isVector ? "batch_norm_apply_vector" : "batch_norm_apply", x.format,
            grid: (elementBlocks(x.count, each: isVector ? vectorWidth(x.format) : 1), 1, 1), x.rows, Int32(x.channels), epsilon, slope, x,
            gamma,
            beta, mean, reciprocal, variance, y)
    }

    func batchNormGradient(
        _ x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, reciprocal: Tensor, slope: Float, _ dy: Tensor, into dx: Tensor,
        _ dgamma: Tensor, _ dbeta: Tensor
    ) {
        let columns = x.channels, isVector = isVectorisable(columns, x.format, x.deviceAddress, dy.deviceAddress, dx.deviceAddress)
        let width = isVector ? vectorWidth(x.format) : 1, suffix = isVector ? "_vector" : ""
        let (blocks, across) = sumBlocks(rows: x.rows, groups: (columns + width - 1) / width)
        let partials = arena.block(bytes: 2 * blocks * columns * 4), sums = arena.block(bytes: 2 * columns * 4)
        launch(
            .norms, "batch_norm_gradient_sums" + suffix, x.format, grid: (blocks, across, 1), x.rows, Int32(columns), slope, x, gamma, beta,
            mean, reciprocal, dy, partials)
        launch(
            .norms, "batch_norm_gradient_totals", x.format, grid: ((columns + 31) / 32, 1, 1), block: (32, 32), Int32(blocks),
            Int32(columns),
            partials, sums, dgamma, dbeta)
        launch(
            .norms, "batch_norm_gradient" + suffix, x.format, grid: (elementBlocks(x.count, each: width), 1, 1), x.rows, Int32(columns),
            slope, x,
            gamma, beta, mean, reciprocal, sums, dy, dx)
    }

    // MARK: Products

    func matrixProduct(
        _ a: MatrixView, transposed ta: Bool, _ b: MatrixView, transposed tb: Bool, into c: MatrixView, m: Int, n: Int, k: Int, beta: Float,
        bias: Tensor?
    ) {
        precondition(a.tensor.format == b.tensor.format, "a product of a \(a.tensor.format) and a \(b.tensor.format) matrix")
        let product = DeviceProduct(
            m: m, n: n, k: k, transposedA: ta, transposedB: tb, strideA: a.stride, strideB: b.stride, strideC: c.stride,
            formatA: a.tensor.format, formatC: c.tensor.format, accumulates: beta != 0, hasBias: bias != nil)
        // The library adds a bias in the format of the result: a parameter has a copy in that format, other biases are converted.
        let added = bias.map { bias in
            if c.tensor.format == .float32 { return bias }
            if let copy = bias.bfloat16Copy { return copy }
            let half = empty(bias.shape, format: .bfloat16)
            convert(bias, into: half)
            return half
        }
        products.run(product, a: a.deviceAddress, b: b.deviceAddress, c: c.deviceAddress, bias: added?.deviceAddress ?? 0)
    }
}

/// An address inside a block.
struct DeviceAddress: KernelArgument {
    let value: UInt64

    init(_ value: UInt64) { self.value = value }

    func add(to arguments: inout KernelArguments) { arguments.add(value) }
}

extension Activation {
    /// The numbers of pointwise.cu.
    fileprivate var number: Int32 {
        switch self {
        case .gelu: 0
        case .tanh: 1
        case .softplus: 2
        case .sigmoid: 3
        case .leakyReLU: 4
        }
    }

    fileprivate var slope: Float { if case .leakyReLU(let slope) = self { slope } else { 0 } }
}
