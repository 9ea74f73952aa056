// Max pooling on the GPU.
extension CUDABackend: MaxPoolingDevice {
    func maxPool(_ x: Tensor, size: Int, into y: Tensor, places: ByteTensor?) {
        launchPool("max_pool", of: x, y, size: size, x, y, places)
    }

    func maxPoolGradient(_ dy: Tensor, places: ByteTensor, size: Int, into dx: Tensor, accumulate: Bool) {
        launchPool("max_pool_gradient", of: dx, dy, size: size, dy, places, dx, accumulate)
    }

    /// A thread processes several channels of a window: sixteen bytes of them if the alignment allows it.
    private func launchPool(_ name: String, of whole: Tensor, _ pooled: Tensor, size: Int, _ operands: any KernelArgument...) {
        let isVector = isVectorisable(whole.channels, whole.format, whole.deviceAddress, pooled.deviceAddress)
        let width = isVector ? vectorWidth(whole.format) : 1, count = pooled.count / width
        guard device.failure == nil else { return }
        kernels.launch(
            .spatial, name + (isVector ? "_vector" : ""), whole.format, grid: (elementBlocks(count, each: 1), 1, 1),
            block: (Self.threads, 1),
            shared: 0,
            KernelArguments([count, Int32(whole.shape[1]), Int32(whole.shape[2]), Int32(whole.channels / width), Int32(size)] + operands))
    }
}
