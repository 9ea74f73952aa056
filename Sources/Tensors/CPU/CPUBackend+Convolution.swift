// Convolutions on the CPU: Winograd's form for 3x3 in float32 where it pays, oneDNN's primitives otherwise, a kernel of our own for what
// oneDNN lacks. bf16 that a processor has no primitive for goes through float32.
import CKernels
import COneDNN

/// What a convolution's primitives depend on.
struct ConvolutionKey: Hashable {
    let shape: ConvolutionShape
    let format: NumberFormat
}

/// Owns the primitives of one shape; `handle` is nil where oneDNN has none.
final class ConvolutionPrimitive {
    let handle: OpaquePointer?

    init(_ key: ConvolutionKey) {
        let s = key.shape
        var window = vlseg_convolution_shape(
            batch: Int64(s.batch), height: Int64(s.height), width: Int64(s.width), input: Int64(s.input), output: Int64(s.output),
            kernel: (Int64(s.kernel.rows), Int64(s.kernel.columns)), stride: (Int64(s.stride.rows), Int64(s.stride.columns)),
            padding: (Int64(s.padding.rows), Int64(s.padding.columns)), dilation: (Int64(s.dilation.rows), Int64(s.dilation.columns)),
            groups: Int64(s.groups))
        handle = vlseg_convolution_create(&window, 1, key.format == .bfloat16 ? 1 : 0)
    }

    deinit { if let handle { vlseg_convolution_destroy(handle) } }
}

extension CPUBackend: ConvolutionDevice {
    /// Made once for each shape; nil where oneDNN has none.
    private func primitive(_ shape: ConvolutionShape, _ format: NumberFormat) -> OpaquePointer? {
        guard hasConvolutionLibrary else { return nil }
        let key = ConvolutionKey(shape: shape, format: format)
        let primitive = convolutions[key] ?? ConvolutionPrimitive(key)
        convolutions[key] = primitive
        return primitive.handle
    }

    /// Whether a convolution takes Winograd's form: fewer than half of the products, which pays where there are channels enough to
    /// multiply.
    private func usesWinograd(_ shape: ConvolutionShape, _ format: NumberFormat) -> Bool {
        winogradConvolutions && shape.isPlain3x3 && format == .float32 && min(shape.input, shape.output) >= 32
    }

    /// Lends a Winograd convolution its memory.
    private func withWorkspace(_ s: ConvolutionShape, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        let bytes = vlseg_convolution3x3_workspace(Int64(s.batch), Int64(s.height), Int64(s.width), Int64(s.input), Int64(s.output))
        withScratch(bytes) { if let place = $0 { body(place.bindMemory(to: Float.self, capacity: Int(bytes) / 4)) } }
    }

    func convolution(_ x: Tensor, weight: Tensor, shape s: ConvolutionShape, into y: Tensor) {
        if usesWinograd(s, x.format) {
            return withWorkspace(s) {
                vlseg_convolution3x3_forward(
                    Int64(s.batch), Int64(s.height), Int64(s.width), Int64(s.input), Int64(s.output), x.pointer, weight.pointer,
                    innerProduct, $0, y.pointer)
            }
        }
        if let c = primitive(s, x.format) {
            return withScratch(vlseg_convolution_scratch(c)) {
                note(vlseg_convolution_forward(c, x.address, weight.pointer, y.address, $0), "oneDNN", "convolution")
            }
        }
        guard x.format == .float32 else {
            let wide = empty(y.shape)
            convolution(asFloat(x), weight: weight, shape: s, into: wide)
            return convert(wide, into: y)
        }
        var window = s.window
        vlseg_window_forward(&window, x.pointer, weight.pointer, y.pointer)
    }

    func convolutionDataGradient(_ dy: Tensor, weight: Tensor, shape s: ConvolutionShape, into dx: Tensor) {
        if usesWinograd(s, dx.format) {
            return withWorkspace(s) {
                vlseg_convolution3x3_backward_data(
                    Int64(s.batch), Int64(s.height), Int64(s.width), Int64(s.input), Int64(s.output), dy.pointer, weight.pointer,
                    innerProduct, $0, dx.pointer)
            }
        }
        if let c = primitive(s, dx.format) {
            return withScratch(vlseg_convolution_scratch(c)) {
                note(vlseg_convolution_backward_data(c, dy.address, weight.pointer, dx.address, $0), "oneDNN", "convolution data gradient")
            }
        }
        guard dx.format == .float32 else {
            let wide = empty(dx.shape)
            convolutionDataGradient(asFloat(dy), weight: weight, shape: s, into: wide)
            return convert(wide, into: dx)
        }
        var window = s.window
        vlseg_window_backward_data(&window, dy.pointer, weight.pointer, dx.pointer)
    }

    func convolutionWeightGradient(_ x: Tensor, _ dy: Tensor, shape s: ConvolutionShape, into dweight: Tensor) {
        if usesWinograd(s, x.format) {
            return withWorkspace(s) {
                vlseg_convolution3x3_backward_weight(
                    Int64(s.batch), Int64(s.height), Int64(s.width), Int64(s.input), Int64(s.output), x.pointer, dy.pointer, innerProduct,
                    $0, dweight.pointer)
            }
        }
        if let c = primitive(s, x.format) {
            return withScratch(vlseg_convolution_scratch(c)) {
                note(
                    vlseg_convolution_backward_weight(c, x.address, dy.address, dweight.pointer, $0), "oneDNN",
                    "convolution weight gradient")
            }
        }
        guard x.format == .float32 else {
            return convolutionWeightGradient(asFloat(x), asFloat(dy), shape: s, into: dweight)
        }
        var window = s.window
        vlseg_window_backward_weight(&window, x.pointer, dy.pointer, dweight.pointer)
    }
}

extension ConvolutionShape {
    /// For our own kernel.
    fileprivate var window: vlseg_window {
        vlseg_window(
            batch: Int64(batch), height: Int64(height), width: Int64(width), input: Int64(input), out_height: Int64(outHeight),
            out_width: Int64(outWidth), output: Int64(output), kernel_height: Int64(kernel.rows), kernel_width: Int64(kernel.columns),
            stride_rows: Int64(stride.rows), stride_columns: Int64(stride.columns), padding_rows: Int64(padding.rows),
            padding_columns: Int64(padding.columns), dilation_rows: Int64(dilation.rows), dilation_columns: Int64(dilation.columns),
            groups: Int64(groups))
    }
}
