// Images and feature maps on the CPU: depthwise convolutions, patches, the head's pixel shuffle.
import CKernels

extension CPUBackend: DepthwiseDevice, PatchDevice, ShufflePoolDevice, ImageNormalisationDevice {
    func depthwise(_ x: Tensor, weight: Tensor, bias: Tensor?, kernel: Int, into y: Tensor) {
        switch x.format {
        case .float32:
            vlseg_depthwise_forward(
                Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(kernel), x.pointer, weight.pointer,
                bias?.pointer, y.pointer)
        case .bfloat16:
            vlseg_depthwise_forward_bf16(
                Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(kernel), x.halfPointer, weight.pointer,
                bias?.pointer, y.halfPointer)
        }
    }

    func depthwiseDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor) {
        switch dx.format {
        case .float32:
            vlseg_depthwise_backward_data(
                Int64(dy.shape[0]), Int64(dy.shape[1]), Int64(dy.shape[2]), dy.channels64, Int64(kernel), dy.pointer, weight.pointer,
                dx.pointer)
        case .bfloat16:
            vlseg_depthwise_backward_data_bf16(
                Int64(dy.shape[0]), Int64(dy.shape[1]), Int64(dy.shape[2]), dy.channels64, Int64(kernel), dy.halfPointer, weight.pointer,
                dx.halfPointer)
        }
    }

    func depthwiseWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor, _ dbias: Tensor?) {
        switch x.format {
        case .float32:
            vlseg_depthwise_backward_weight(
                Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(kernel), x.pointer, dy.pointer,
                dweight.pointer, dbias?.pointer)
        case .bfloat16:
            vlseg_depthwise_backward_weight_bf16(
                Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(kernel), x.halfPointer, dy.halfPointer,
                dweight.pointer, dbias?.pointer)
        }
    }

    func gatherPatches(_ x: Tensor, size: Int, into rows: Tensor) {
        switch x.format {
        case .float32:
            vlseg_patch_gather(Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(size), x.pointer, rows.pointer)
        case .bfloat16:
            vlseg_patch_gather_bf16(
                Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(size), x.halfPointer, rows.halfPointer)
        }
    }

    func scatterPatches(_ rows: Tensor, size: Int, into x: Tensor) {
        switch x.format {
        case .float32:
            vlseg_patch_scatter(Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(size), rows.pointer, x.pointer)
        case .bfloat16:
            vlseg_patch_scatter_bf16(
                Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(size), rows.halfPointer, x.halfPointer)
        }
    }

    func shufflePool(_ x: Tensor, factor: Int, bias: Tensor, into y: Tensor) {
        vlseg_shuffle_pool_forward(
            Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), Int64(factor), x.pointer, bias.pointer[0], y.pointer)
    }

    func shufflePoolGradient(_ dy: Tensor, factor: Int, into dx: Tensor, _ dbias: Tensor) {
        vlseg_shuffle_pool_backward(
            Int64(dx.shape[0]), Int64(dx.shape[1]), Int64(dx.shape[2]), Int64(factor), dy.pointer, dx.pointer)
        vlseg_bias_gradient(dy.count64, 1, dy.pointer, dbias.pointer)
    }

    func normaliseImages(_ x: ByteTensor, into y: Tensor) {
        switch y.format {
        case .float32: vlseg_normalise_images(Int64(x.shape[0]), Int64(x.shape[1] * x.shape[2]), Int64(x.shape[3]), x.pointer, y.pointer)
        case .bfloat16:
            vlseg_normalise_images_bf16(Int64(x.shape[0]), Int64(x.shape[1] * x.shape[2]), Int64(x.shape[3]), x.pointer, y.halfPointer)
        }
    }
}
