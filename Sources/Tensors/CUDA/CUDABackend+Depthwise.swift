// Depthwise convolutions on the GPU: 7 x 7 over whole groups of 32 channels from tiles in shared memory, others an output a thread.
extension CUDABackend {
    public func depthwise(_ x: Tensor, weight: Tensor, bias: Tensor?, kernel: Int, into y: Tensor) {
        depthwise(x, weight, bias, kernel, y, isFlipped: false)
    }

    /// The same convolution with the kernel turned by 180 degrees.
    public func depthwiseDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor) {
        depthwise(dy, weight, nil, kernel, dx, isFlipped: true)
    }

    private func depthwise(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ kernel: Int, _ y: Tensor, isFlipped: Bool) {
        let map = DepthwiseMap(x, kernel: kernel)
        guard map.isTiled, [x.deviceAddress, y.deviceAddress, bias?.deviceAddress ?? 0].allSatisfy({ $0 % 16 == 0 }) else {
            return launch(
                .depthwise, "depthwise_any", x.format, grid: ((y.count + 255) / 256, 1, 1), x, weight, bias, y, y.count, map.height, map.width,
                map.channels, Int32(kernel), isFlipped)
        }
        // The taps, and the pixels of tiles with their rims.
        let shared = 49 * 32 * 4 + (map.isSmall ? 4 * 183 : 401) * 32 * x.format.bytes
        launch(
            .depthwise, map.isSmall ? "depthwise7_small" : "depthwise7_large", x.format,
            grid: (map.groups * (map.isSmall ? (map.images + 3) / 4 : map.tiles(rows: 14)), 1, 1), block: (map.isSmall ? 256 : 224, 1),
            shared: shared, x, weight, bias, y, Int32(map.images), map.height, map.width, map.channels, isFlipped)
    }

    public func depthwiseWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor, _ dbias: Tensor?) {
        let map = DepthwiseMap(x, kernel: kernel), taps = kernel * kernel + 1, channels = x.channels
        let isTiled = map.isTiled && x.deviceAddress % 16 == 0 && dy.deviceAddress % 16 == 0
        // Blocks that each leave partial sums: enough to fill the GPU, as even as can be.
        let units = isTiled ? (map.isSmall ? map.images : map.tiles(rows: 8)) : map.images * Int(map.height)
        let wanted = max(1, min(units, device.info.multiprocessors * (isTiled ? 3 : 8) / map.groups)), each = (units + wanted - 1) / wanted
        let blocks = (units + each - 1) / each, partials = arena.block(bytes: blocks * taps * channels * 4)
        if isTiled {
            launch(
                .depthwise, map.isSmall ? "depthwise7_weight_small" : "depthwise7_weight_large", x.format, grid: (map.groups * blocks, 1, 1),
                block: (128, 1), shared: (map.isSmall ? 202 : 378) * 128, x, dy, partials, Int32(map.images), map.height, map.width, map.channels)
        } else {
            launch(
                .depthwise, "depthwise_weight_any", x.format, grid: (blocks, map.groups, taps), block: (32, 8), x, dy, partials, units,
                map.height, map.width, map.channels, Int32(kernel))
        }
        launch(
            .depthwise, "depthwise_weight_sum", x.format, grid: ((taps * channels + 31) / 32, 1, 1), block: (32, 16), partials, Int32(blocks),
            Int32(taps * channels), map.channels, dweight, dbias)
    }
}

/// Sizes of a depthwise convolution's map, and which kernels it may use.
private struct DepthwiseMap {
    let images: Int
    let height: Int32, width: Int32, channels: Int32
    /// Groups of 32 channels.
    let groups: Int
    /// 7 x 7 and whole groups; offsets inside four images are ints.
    let isTiled: Bool
    /// A map that is one tile.
    var isSmall: Bool { height <= 8 && width <= 7 }

    init(_ x: Tensor, kernel: Int) {
        images = x.shape[0]
        height = Int32(x.shape[1])
        width = Int32(x.shape[2])
        channels = Int32(x.channels)
        groups = (x.channels + 31) / 32
        isTiled = kernel == 7 && x.channels % 32 == 0 && x.count / max(images, 1) < 1 << 28
    }

    /// Tiles of 14 columns over all images.
    func tiles(rows: Int) -> Int { (Int(height) + rows - 1) / rows * ((Int(width) + 13) / 14) * images }
}
