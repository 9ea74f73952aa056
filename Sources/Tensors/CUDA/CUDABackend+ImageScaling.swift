// Scales images by constants on the GPU.
extension CUDABackend: ImageScalingDevice {
    func scaleImages(_ x: ByteTensor, _ s: ImageScaling, into y: Tensor) {
        launch(
            .spatial, "scale_images", y.format, grid: (elementBlocks(y.count), 1, 1), y.count, Int32(x.shape[3]), s.reversesChannels,
            s.scale[0],
            s.scale[1], s.scale[2], s.shift[0], s.shift[1], s.shift[2], x, y)
    }
}
