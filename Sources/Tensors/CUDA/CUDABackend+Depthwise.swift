// Depthwise convolutions on the GPU. 7 x 7 kernels over whole groups of 32 channels use tiles in shared memory, and tensor cores for bf16.
// Other shapes use one thread per output.
extension CUDABackend: DepthwiseDevice {
    func depthwise(_ x: Tensor, weight: Tensor, bias: Tensor?, kernel: Int, into y: Tensor) {
        depthwise(x, weight, bias, kernel, y, isFlipped: false)
    }

    /// The same convolution with the kernel rotated by 180 degrees.
    func depthwiseDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor) {
        depthwise(dy, weight, nil, kernel, dx, isFlipped: true)
    }

    private func depthwise(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ kernel: Int, _ y: Tensor, isFlipped: Bool) {
        let map = DepthwiseMap(x, kernel: kernel)
        guard map.isTiled, [x.deviceAddress, y.deviceAddress, bias?.deviceAddress ?? 0].allSatisfy({ $0 % 16 == 0 }) else {
            return launch(
                .depthwise, "depthwise_any", x.format, grid: ((y.count + 255) / 256, 1, 1), x, weight, bias, y, y.count, map.height,
                map.width,
                map.channels, Int32(kernel), isFlipped)
        }
        if x.format == .bfloat16 {
            let isOneTile = map.height <= 7 && map.width <= 7
            let blocks = evenBlocks(isOneTile ? (map.images + 1) / 2 : map.tiles(rows: 14), groups: map.groups, perMultiprocessor: 2)
            return launch(
                .depthwiseTensorCores, isOneTile ? "depthwise7_planes_small" : "depthwise7_planes_large", .bfloat16,
                grid: (map.groups * blocks, 1, 1), block: (512, 1), shared: isOneTile ? 92928 : 99968, x, weight, bias, y,
                Int32(map.images),
                map.height, map.width, map.channels, isFlipped)
        }
        // The taps, and the pixels of tiles with their borders.
        let shared = 49 * 32 * 4 + (map.isSmall ? 4 * 183 : 401) * 32 * x.format.bytes
        launch(
            .depthwise, map.isSmall ? "depthwise7_small" : "depthwise7_large", x.format,
            grid: (map.groups * (map.isSmall ? (map.images + 3) / 4 : map.tiles(rows: 14)), 1, 1), block: (map.isSmall ? 256 : 224, 1),
            shared: shared, x, weight, bias, y, Int32(map.images), map.height, map.width, map.channels, isFlipped)
    }

    func depthwiseWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor, _ dbias: Tensor?) {
        let map = DepthwiseMap(x, kernel: kernel), taps = kernel * kernel + 1, channels = x.channels
        let isTiled = map.isTiled && x.deviceAddress % 16 == 0 && dy.deviceAddress % 16 == 0
        // Number of blocks; each writes partial sums.
        let blocks: Int, partials: Storage
        if isTiled, x.format == .bfloat16 {
            let isOneTile = map.height <= 8 && map.width <= 8
            let units = isOneTile ? (map.images + 1) / 2 : map.tiles(rows: 14, columns: 16)
            blocks = evenBlocks(units, groups: channels / 16, perMultiprocessor: 2)
            partials = arena.block(bytes: blocks * taps * channels * 4)
            launch(
                .depthwiseTensorCores, isOneTile ? "depthwise7_sums_small" : "depthwise7_sums_large", .bfloat16,
                grid: (channels / 16 * blocks, 1, 1), shared: isOneTile ? 53504 : 77824, x, dy, partials, Int32(map.images), map.height,
                map.width, map.channels)
        } else if isTiled {
            blocks = evenBlocks(map.isSmall ? map.images : map.tiles(rows: 8), groups: map.groups, perMultiprocessor: 3)
            partials = arena.block(bytes: blocks * taps * channels * 4)
            launch(
                .depthwise, map.isSmall ? "depthwise7_weight_small" : "depthwise7_weight_large", x.format,
                grid: (map.groups * blocks, 1, 1),
                block: (128, 1), shared: (map.isSmall ? 202 : 378) * 128, x, dy, partials, Int32(map.images), map.height, map.width,
                map.channels)
        } else {
            let rows = map.images * Int(map.height)
            blocks = evenBlocks(rows, groups: map.groups, perMultiprocessor: 8)
            partials = arena.block(bytes: blocks * taps * channels * 4)
            launch(
                .depthwise, "depthwise_weight_any", x.format, grid: (blocks, map.groups, taps), block: (32, 8), x, dy, partials, rows,
                map.height, map.width, map.channels, Int32(kernel))
        }
        launch(
            .depthwise, "depthwise_weight_sum", x.format, grid: ((taps * channels + 31) / 32, 1, 1), block: (32, 16), partials,
            Int32(blocks),
            Int32(taps * channels), map.channels, dweight, dbias)
    }

    /// Number of blocks that share the units of a group of channels: enough to fill the GPU, and all with the same number of units.
    private func evenBlocks(_ units: Int, groups: Int, perMultiprocessor: Int) -> Int {
        let wanted = max(1, min(units, device.info.multiprocessors * perMultiprocessor / groups)), each = (units + wanted - 1) / wanted
        return each == 0 ? 0 : (units + each - 1) / each
    }
}

/// Sizes of a depthwise convolution's map, and the kernels that it may use.
private struct DepthwiseMap {
    let images: Int
    let height: Int32, width: Int32, channels: Int32
    /// Number of groups of 32 channels.
    let groups: Int
    /// True for 7 x 7 kernels and whole groups, if offsets within four images fit an int.
    let isTiled: Bool
    /// Whether the whole map is one tile.
    var isSmall: Bool { height <= 8 && width <= 7 }

    init(_ x: Tensor, kernel: Int) {
        images = x.shape[0]
        height = Int32(x.shape[1])
        width = Int32(x.shape[2])
        channels = Int32(x.channels)
        groups = (x.channels + 31) / 32
        isTiled = kernel == 7 && x.channels % 32 == 0 && x.count / max(images, 1) < 1 << 28
    }

    /// Number of tiles over all images.
    func tiles(rows: Int, columns: Int = 14) -> Int { (Int(height) + rows - 1) / rows * ((Int(width) + columns - 1) / columns) * images }
}
