// Images and feature maps on the CPU: convolutions (oneDNN), depthwise, patches, the head's pixel shuffle.
import CKernels
import COneDNN

/// What a convolution's primitives depend on.
struct ConvolutionKey: Hashable {
    let batch: Int, height: Int, width: Int, inChannels: Int, outChannels: Int, kernel: Int
    let format: NumberFormat
}

/// Owns the primitives of one shape.
final class ConvolutionPrimitive {
    let handle: OpaquePointer
    init?(_ key: ConvolutionKey) {
        guard
            let handle = vlseg_convolution_create(
                Int64(key.batch), Int64(key.height), Int64(key.width), Int64(key.inChannels), Int64(key.outChannels), Int64(key.kernel), 1,
                Int64(key.kernel / 2), 1, key.format == .bfloat16 ? 1 : 0)
        else { return nil }
        self.handle = handle
    }
    deinit { vlseg_convolution_destroy(handle) }
}

extension CPUBackend: ConvolutionDevice, DepthwiseDevice, PatchDevice, ShufflePoolDevice, ImageNormalisationDevice {
    /// The primitives for x [B,H,W,Cin] and `outChannels`, made once per shape; null where oneDNN has none, a failure for float32 (bf16
    /// then goes through float32).
    private func convolution(like x: Tensor, outChannels: Int, kernel: Int) -> OpaquePointer? {
        let key = ConvolutionKey(
            batch: x.shape[0], height: x.shape[1], width: x.shape[2], inChannels: x.channels, outChannels: outChannels, kernel: kernel,
            format: x.format)
        if let primitive = convolutions[key] { return primitive.handle }
        guard let primitive = ConvolutionPrimitive(key) else {
            if x.format == .float32 {
                note(
                    -1, "oneDNN",
                    "\(key.format.rawValue) convolution \(kernel)x\(kernel) \(x.channels)->\(outChannels) at \(key.height)x\(key.width)")
            }
            return nil
        }
        convolutions[key] = primitive
        return primitive.handle
    }

    /// Whether a convolution takes Winograd's form: fewer than half of the products, which pays where there are channels enough to
    /// multiply.
    private func usesWinograd(_ x: Tensor, outChannels: Int, kernel: Int) -> Bool {
        filtersConvolutions && kernel == 3 && x.format == .float32 && min(x.channels, outChannels) >= 32
    }

    /// Lends a Winograd convolution its memory.
    private func withWorkspace(like x: Tensor, outChannels: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        let bytes = vlseg_convolution3x3_workspace(
            Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(outChannels))
        withScratch(bytes) { if let place = $0 { body(place.bindMemory(to: Float.self, capacity: Int(bytes) / 4)) } }
    }

    func convolution(_ x: Tensor, weight: Tensor, kernel: Int, into y: Tensor) {
        if usesWinograd(x, outChannels: y.channels, kernel: kernel) {
            return withWorkspace(like: x, outChannels: y.channels) {
                vlseg_convolution3x3_forward(
                    Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, y.channels64, x.pointer, weight.pointer,
                    innerProduct,
                    $0, y.pointer)
            }
        }
        guard let c = convolution(like: x, outChannels: y.channels, kernel: kernel) else {
            guard x.format == .bfloat16 else { return }
            let wide = empty(y.shape)
            convolution(asFloat(x), weight: weight, kernel: kernel, into: wide)
            return convert(wide, into: y)
        }
        withScratch(vlseg_convolution_scratch(c)) {
            note(vlseg_convolution_forward(c, x.address, weight.pointer, y.address, $0), "oneDNN", "convolution")
        }
    }

    func convolutionDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor) {
        if usesWinograd(dx, outChannels: dy.channels, kernel: kernel) {
            return withWorkspace(like: dx, outChannels: dy.channels) {
                vlseg_convolution3x3_backward_data(
                    Int64(dx.shape[0]), Int64(dx.shape[1]), Int64(dx.shape[2]), dx.channels64, dy.channels64, dy.pointer, weight.pointer,
                    innerProduct, $0, dx.pointer)
            }
        }
        guard let c = convolution(like: dx, outChannels: dy.channels, kernel: kernel) else {
            guard dx.format == .bfloat16 else { return }
            let wide = empty(dx.shape)
            convolutionDataGradient(asFloat(dy), weight: weight, kernel: kernel, into: wide)
            return convert(wide, into: dx)
        }
        withScratch(vlseg_convolution_scratch(c)) {
            note(vlseg_convolution_backward_data(c, dy.address, weight.pointer, dx.address, $0), "oneDNN", "convolution data gradient")
        }
    }

    func convolutionWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor) {
        if usesWinograd(x, outChannels: dy.channels, kernel: kernel) {
            return withWorkspace(like: x, outChannels: dy.channels) {
                vlseg_convolution3x3_backward_weight(
                    Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, dy.channels64, x.pointer, dy.pointer,
                    innerProduct,
                    $0, dweight.pointer)
            }
        }
        guard let c = convolution(like: x, outChannels: dy.channels, kernel: kernel) else {
            if x.format == .bfloat16 { convolutionWeightGradient(asFloat(x), asFloat(dy), kernel: kernel, into: dweight) }
            return
        }
        withScratch(vlseg_convolution_scratch(c)) {
            note(vlseg_convolution_backward_weight(c, x.address, dy.address, dweight.pointer, $0), "oneDNN", "convolution weight gradient")
        }
    }

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
