// The linear map over positions on the GPU.
extension CUDABackend: SequenceLinearDevice {
    func sequenceProduct(_ weight: Tensor, transposed: Bool, bias: Tensor?, _ x: Tensor, into y: Tensor, accumulate: Bool) {
        precondition(!accumulate || bias == nil, "a sequence product that accumulates has no bias")
        launch(
            .sequences, "sequence_product", x.format, grid: ((x.channels + 255) / 256, y.shape[1], x.shape[0]), Int32(x.shape[1]),
            Int32(y.shape[1]), Int32(x.channels), weight, transposed, bias, x, y, accumulate)
    }

    func sequenceWeightGradient(_ dy: Tensor, _ x: Tensor, into dweight: Tensor) {
        let batch = x.shape[0], from = x.shape[1], to = dy.shape[1]
        let stretches = max(1, min(x.channels / 96, 8))
        let partials = arena.block(bytes: batch * stretches * dweight.count * 4)
        launch(
            .sequences, "sequence_weight", x.format, grid: (stretches, batch, 1), shared: (to + from) * 33 * 4, Int32(to), Int32(from),
            Int32(x.channels), dy, x, partials)
        addPartials(partials, blocks: batch * stretches, columns: dweight.count, into: dweight)
    }

    func sequenceBiasGradient(_ dy: Tensor, into dbias: Tensor) {
        launch(
            .sequences, "sequence_bias", dy.format, grid: (dy.shape[1], 1, 1), Int32(dy.shape[0]), Int32(dy.shape[1]), Int32(dy.channels),
            dy, dbias)
    }
}
