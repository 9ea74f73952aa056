// Depthwise convolutions on the GPU.
extension CUDABackend {
    public func depthwise(_ x: Tensor, weight: Tensor, bias: Tensor?, kernel: Int, into y: Tensor) {
        depthwise(x, weight, bias, kernel, y, isFlipped: false)
    }

    /// The same convolution with the kernel turned by 180 degrees.
    public func depthwiseDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor) {
        depthwise(dy, weight, nil, kernel, dx, isFlipped: true)
    }

    private func depthwise(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ kernel: Int, _ y: Tensor, isFlipped: Bool) {
        launch(
            .depthwise, "depthwise_any", x.format, grid: ((y.count + 255) / 256, 1, 1), x, weight, bias, y, y.count, Int32(x.shape[1]),
            Int32(x.shape[2]), Int32(x.channels), Int32(kernel), isFlipped)
    }

    public func depthwiseWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor, _ dbias: Tensor?) {
        let rows = x.shape[0] * x.shape[1], channels = x.channels, taps = kernel * kernel + 1, groups = (channels + 31) / 32
        let blocks = max(1, min(rows, device.info.multiprocessors * 8 / groups))
        let partials = arena.block(bytes: blocks * taps * channels * 4)
        launch(
            .depthwise, "depthwise_weight_any", x.format, grid: (blocks, groups, taps), block: (32, 8), x, dy, partials, rows, Int32(x.shape[1]),
            Int32(x.shape[2]), Int32(channels), Int32(kernel))
        launch(
            .depthwise, "depthwise_weight_sum", x.format, grid: ((taps * channels + 31) / 32, 1, 1), block: (32, 16), partials, Int32(blocks),
            Int32(taps * channels), Int32(channels), dweight, dbias)
    }
}
