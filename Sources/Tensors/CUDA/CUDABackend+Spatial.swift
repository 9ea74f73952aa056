// Feature maps and sequences on the GPU, except convolutions and attention.
extension CUDABackend:
    PatchDevice, ShufflePoolDevice, ImageNormalisationDevice, Convolution1DDevice, ScanDevice
{
    // MARK: Patches, head, images

    func gatherPatches(_ x: Tensor, size: Int, into rows: Tensor) {
        movePatches(x, rows, size: size, from: x, to: rows, scatters: false)
    }

    func scatterPatches(_ rows: Tensor, size: Int, into x: Tensor) {
        movePatches(x, rows, size: size, from: rows, to: x, scatters: true)
    }

    private func movePatches(_ x: Tensor, _ rows: Tensor, size: Int, from: Tensor, to: Tensor, scatters: Bool) {
        let isVector = isVectorisable(x.channels, x.format, x.deviceAddress, rows.deviceAddress),
            width = isVector ? vectorWidth(x.format) : 1
        let count = x.count / width
        launch(
            .spatial, isVector ? "move_patches_vector" : "move_patches_single", x.format, grid: (elementBlocks(count, each: 1), 1, 1),
            count,
            Int32(x.shape[1]), Int32(x.shape[2]), Int32(x.channels / width), Int32(size), from, to, scatters)
    }

    func shufflePool(_ x: Tensor, factor: Int, bias: Tensor, into y: Tensor) {
        if factor == 4 {
            return launch(
                .spatial, "shuffle_pool_4", .float32, grid: ((y.count / 4 + 255) / 256, 1, 1), y.count / 4, Int32(x.shape[1]),
                Int32(x.shape[2]),
                x, bias, y)
        }
        launch(
            .spatial, "shuffle_pool", .float32, grid: ((y.count + 255) / 256, 1, 1), y.count, Int32(x.shape[1]), Int32(x.shape[2]),
            Int32(factor),
            x, bias, y)
    }

    func shufflePoolGradient(_ dy: Tensor, factor: Int, into dx: Tensor, _ dbias: Tensor) {
        if factor == 4 {
            launch(
                .spatial, "shuffle_pool_gradient_4", .float32, grid: ((dx.count / 4 + 255) / 256, 1, 1), dx.count / 4, Int32(dx.shape[1]),
                Int32(dx.shape[2]), dy, dx)
        } else {
            launch(
                .spatial, "shuffle_pool_gradient", .float32, grid: ((dx.count + 255) / 256, 1, 1), dx.count, Int32(dx.shape[1]),
                Int32(dx.shape[2]), Int32(factor), dy, dx)
        }
        biasGradient(dy.viewed(as: [dy.count, 1]), into: dbias)
    }

    func normaliseImages(_ x: ByteTensor, into y: Tensor) {
        let batch = x.shape[0], pixels = x.shape[1] * x.shape[2], channels = x.shape[3], stretches = 16
        let sums = arena.block(bytes: batch * stretches * channels * 16)
        launch(.spatial, "image_sums", y.format, grid: (stretches, batch, 1), pixels, Int32(channels), x, sums)
        launch(
            .spatial, "normalise_images", y.format, grid: (min((pixels * 3 + 2047) / 2048, 64), batch, 1), pixels, Int32(channels),
            Int32(stretches), x, sums, y)
    }

    // MARK: Sequences

    func convolution1D(_ x: MatrixView, weight: Tensor, kernel: Int, left: Int, batch: Int, length: Int, into y: Tensor) {
        launch(
            .sequences, "convolution1d", .float32, grid: ((y.count + 255) / 256, 1, 1), y.count, Int32(length), Int32(y.channels),
            Int32(kernel),
            Int32(left), x, x.stride, weight, y, y.channels, false)
    }

    func convolution1DGradient(
        _ x: MatrixView, weight: Tensor, kernel: Int, left: Int, batch: Int, length: Int, _ dy: Tensor, into dx: MatrixView,
        _ dweight: Tensor
    ) {
        let width = dy.channels
        launch(
            .sequences, "convolution1d_weight", .float32, grid: ((width + 31) / 32, kernel, 1), block: (32, 32), dy.rows, Int32(length),
            Int32(width), Int32(left), x, x.stride, dy, dweight)
        launch(
            .sequences, "convolution1d", .float32, grid: ((dy.count + 255) / 256, 1, 1), dy.count, Int32(length), Int32(width),
            Int32(kernel),
            Int32(left), dy, width, weight, dx, dx.stride, true)
    }

    /// Number of threads that share a feature of the scan: the smallest power of two that is at least the number of states.
    private func lanes(_ inputs: ScanInputs) -> Int {
        precondition(inputs.state <= 32, "a scan with \(inputs.state) states; at most 32 on a GPU")
        return [1, 2, 4, 8, 16, 32].first { $0 >= inputs.state } ?? 32
    }

    func selectiveScan(_ s: ScanInputs, into y: Tensor) {
        let lanes = lanes(s), features = Self.threads / lanes
        launch(
            .sequences, "scan", .float32, grid: ((s.width + features - 1) / features, s.batch, 1), Int32(s.length), Int32(s.width),
            Int32(s.state), Int32(lanes), s.u, s.dt, s.logA, s.b, s.b.stride, s.c, s.c.stride, s.skip, y)
    }

    func selectiveScanGradient(_ s: ScanInputs, _ dy: Tensor, into g: ScanGradients) {
        let lanes = lanes(s), features = Self.threads / lanes, blocks = (s.width + features - 1) / features, rows = s.batch * s.length
        let states = arena.block(bytes: rows * s.width * lanes * 4), da = arena.block(bytes: s.batch * s.width * s.state * 4)
        let dskip = arena.block(bytes: s.batch * s.width * 4), bc = arena.block(bytes: blocks * rows * 2 * s.state * 4)
        launch(
            .sequences, "scan_gradient", .float32, grid: (blocks, s.batch, 1), Int32(s.length), Int32(s.width), Int32(s.state),
            Int32(lanes),
            s.u, s.dt, s.logA, s.b, s.b.stride, s.c, s.c.stride, s.skip, dy, states, g.du, g.ddt, da, dskip, bc)
        addPartials(da, blocks: s.batch, columns: s.width * s.state, into: g.dlogA)
        addPartials(dskip, blocks: s.batch, columns: s.width, into: g.dskip)
        launch(
            .sequences, "scan_gradient_sums", .float32, grid: ((rows * 2 * s.state + 255) / 256, 1, 1), Int32(blocks), rows, Int32(s.state),
            bc,
            g.db, g.db.stride, g.dc, g.dc.stride)
    }
}
