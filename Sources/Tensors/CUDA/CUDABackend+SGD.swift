// SGD on the GPU.
extension CUDABackend: SGDDevice {
    func sgd(
        _ values: Tensor, gradients: Tensor, momenta: Tensor, bfloat16Copy: Tensor?, settings: SGDSettings, guardedBy loss: Tensor?
    ) {
        precondition(values.count % 4 == 0, "a flat buffer of \(values.count) numbers; expected a multiple of 4")
        launch(
            .optimizer, "sgd", .float32, grid: (elementBlocks(values.count), 1, 1), values.count, values, gradients, momenta, bfloat16Copy,
            variables, settings.momentum, settings.weightDecay, loss)
    }
}
