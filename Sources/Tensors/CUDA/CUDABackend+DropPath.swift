// Drop path on the GPU.
extension CUDABackend: DropPathDevice {
    func dropPath(_ branch: Tensor, beside x: Tensor?, probability: Float, seed: DropoutSeed, into y: Tensor) {
        map(
            "drop_path", branch.format, count: branch.count, branch.count / branch.shape[0], x, branch, probability, deviceSeed(seed), y)
    }
}
