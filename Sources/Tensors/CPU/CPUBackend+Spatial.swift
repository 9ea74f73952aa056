// Images and feature maps on the CPU: convolutions (oneDNN), depthwise, patches, the head's pixel shuffle.
import CKernels
import COneDNN

/// What a convolution's primitives depend on.
struct ConvolutionKey: Hashable {
    let batch: Int, height: Int, width: Int, inChannels: Int, outChannels: Int, kernel: Int
}

/// Owns the primitives of one shape.
final class ConvolutionPrimitive {
    let handle: OpaquePointer
    init?(_ key: ConvolutionKey) {
        guard
            let handle = vlseg_convolution_create(
                Int64(key.batch), Int64(key.height), Int64(key.width), Int64(key.inChannels), Int64(key.outChannels), Int64(key.kernel), 1,
                Int64(key.kernel / 2), 1)
        else { return nil }
        self.handle = handle
    }
    deinit { vlseg_convolution_destroy(handle) }
}

extension CPUBackend {
    /// The primitives for x [B,H,W,Cin] and `outChannels`, made once per shape; null (and a noted failure) where oneDNN has none.
    private func convolution(x shape: [Int], inChannels: Int, outChannels: Int, kernel: Int) -> OpaquePointer? {
        let key = ConvolutionKey(
            batch: shape[0], height: shape[1], width: shape[2], inChannels: inChannels, outChannels: outChannels, kernel: kernel)
        if let primitive = convolutions[key] { return primitive.handle }
        guard let primitive = ConvolutionPrimitive(key) else {
            note(-1, "oneDNN", "convolution \(kernel)x\(kernel) \(inChannels)->\(outChannels) at \(key.height)x\(key.width)")
            return nil
        }
        convolutions[key] = primitive
        return primitive.handle
    }

    public func convolution(_ x: Tensor, weight: Tensor, kernel: Int, into y: Tensor) {
        guard let c = convolution(x: x.shape, inChannels: x.channels, outChannels: y.channels, kernel: kernel) else { return }
        note(vlseg_convolution_forward(c, x.pointer, weight.pointer, y.pointer), "oneDNN", "convolution")
    }

    public func convolutionDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor) {
        guard let c = convolution(x: dx.shape, inChannels: dx.channels, outChannels: dy.channels, kernel: kernel) else { return }
        note(vlseg_convolution_backward_data(c, dy.pointer, weight.pointer, dx.pointer), "oneDNN", "convolution data gradient")
    }

    public func convolutionWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor) {
        guard let c = convolution(x: x.shape, inChannels: x.channels, outChannels: dy.channels, kernel: kernel) else { return }
        note(vlseg_convolution_backward_weight(c, x.pointer, dy.pointer, dweight.pointer), "oneDNN", "convolution weight gradient")
    }

    public func depthwise(_ x: Tensor, weight: Tensor, bias: Tensor?, kernel: Int, into y: Tensor) {
        vlseg_depthwise_forward(
            Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(kernel), x.pointer, weight.pointer, bias?.pointer,
            y.pointer)
    }

    public func depthwiseDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor) {
        vlseg_depthwise_backward_data(
            Int64(dy.shape[0]), Int64(dy.shape[1]), Int64(dy.shape[2]), dy.channels64, Int64(kernel), dy.pointer, weight.pointer, dx.pointer)
    }

    public func depthwiseWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor, _ dbias: Tensor?) {
        vlseg_depthwise_backward_weight(
            Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(kernel), x.pointer, dy.pointer, dweight.pointer,
            dbias?.pointer)
    }

    public func gatherPatches(_ x: Tensor, size: Int, into rows: Tensor) {
        vlseg_patch_gather(
            Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(size), x.pointer, rows.pointer)
    }

    public func scatterPatches(_ rows: Tensor, size: Int, into x: Tensor) {
        vlseg_patch_scatter(
            Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(size), rows.pointer, x.pointer)
    }

    public func shufflePool(_ x: Tensor, factor: Int, bias: Tensor, into y: Tensor) {
        vlseg_shuffle_pool_forward(
            Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), Int64(factor), x.pointer, bias.pointer[0], y.pointer)
    }

    public func shufflePoolGradient(_ dy: Tensor, factor: Int, into dx: Tensor, _ dbias: Tensor) {
        vlseg_shuffle_pool_backward(
            Int64(dx.shape[0]), Int64(dx.shape[1]), Int64(dx.shape[2]), Int64(factor), dy.pointer, dx.pointer)
        vlseg_bias_gradient(dy.count64, 1, dy.pointer, dbias.pointer)
    }

    public func normaliseImages(_ x: ByteTensor, into y: Tensor) {
        vlseg_normalise_images(Int64(x.shape[0]), Int64(x.shape[1] * x.shape[2]), Int64(x.shape[3]), x.pointer, y.pointer)
    }
}
