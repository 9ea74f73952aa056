// Matrix products on the CPU: float32 by oneDNN or OpenBLAS, bf16 operands by oneDNN where it has kernels for the processor, else through
// float32.
import CKernels
import COneDNN
import COpenBLAS

/// What a product's primitive depends on.
struct ProductKey: Hashable {
    let m: Int, n: Int, k: Int
    let transposedA: Bool, transposedB: Bool
    let strideA: Int, strideB: Int, strideC: Int
    let floatResult: Bool, accumulates: Bool, hasBias: Bool
}

/// Owns the primitive of one shape; `handle` is nil where oneDNN has none.
final class ProductPrimitive {
    let handle: OpaquePointer?
    init(_ key: ProductKey) {
        handle = vlseg_product_create(
            Self.letter(key.transposedA), Self.letter(key.transposedB), Int64(key.m), Int64(key.n), Int64(key.k), Int64(key.strideA),
            Int64(key.strideB), Int64(key.strideC), key.floatResult ? 1 : 0, key.accumulates ? 1 : 0, key.hasBias ? 1 : 0)
    }
    deinit { if let handle { vlseg_product_destroy(handle) } }

    static func letter(_ transposed: Bool) -> CChar { CChar(UInt8(ascii: transposed ? "T" : "N")) }
}

extension CPUBackend: ProductDevice {
    func matrixProduct(
        _ a: MatrixView, transposed ta: Bool, _ b: MatrixView, transposed tb: Bool, into c: MatrixView, m: Int, n: Int, k: Int, beta: Float,
        bias: Tensor?
    ) {
        switch (a.tensor.format, b.tensor.format) {
        case (.float32, .float32): floatProduct(a, ta, b, tb, into: c, m: m, n: n, k: k, beta: beta, bias: bias)
        case (.bfloat16, .bfloat16): halfProduct(a, ta, b, tb, into: c, m: m, n: n, k: k, beta: beta, bias: bias)
        default: preconditionFailure("a product of a \(a.tensor.format) and a \(b.tensor.format) matrix")
        }
    }

    private func floatProduct(
        _ a: MatrixView, _ ta: Bool, _ b: MatrixView, _ tb: Bool, into c: MatrixView, m: Int, n: Int, k: Int, beta: Float, bias: Tensor?
    ) {
        let opA = ProductPrimitive.letter(ta), opB = ProductPrimitive.letter(tb)
        switch engine {
        case .oneDNN:
            note(
                vlseg_onednn_sgemm(
                    opA, opB, Int64(m), Int64(n), Int64(k), 1, a.pointer, a.stride64, b.pointer, b.stride64, beta, c.pointer, c.stride64),
                "oneDNN", "sgemm")
        case .openBLAS:
            note(
                vlseg_openblas_sgemm(
                    Int32(threads), opA, opB, Int64(m), Int64(n), Int64(k), 1, a.pointer, a.stride64, b.pointer, b.stride64, beta,
                    c.pointer, c.stride64),
                "OpenBLAS", "sgemm")
        }
        if let bias { addBias(bias, to: c.tensor) }
    }

    private func halfProduct(
        _ a: MatrixView, _ ta: Bool, _ b: MatrixView, _ tb: Bool, into c: MatrixView, m: Int, n: Int, k: Int, beta: Float, bias: Tensor?
    ) {
        let key = ProductKey(
            m: m, n: n, k: k, transposedA: ta, transposedB: tb, strideA: a.stride, strideB: b.stride, strideC: c.stride,
            floatResult: c.tensor.format == .float32, accumulates: beta != 0, hasBias: bias != nil)
        let primitive = products[key] ?? ProductPrimitive(key)
        products[key] = primitive
        guard engine == .oneDNN, let handle = primitive.handle else {
            return productThroughFloat(a, ta, b, tb, into: c, m: m, n: n, k: k, beta: beta, bias: bias)
        }
        let result = c.tensor.address + c.offset * c.tensor.format.bytes
        withScratch(vlseg_product_scratch(handle)) {
            note(vlseg_product_run(handle, a.halfPointer, b.halfPointer, bias?.pointer, result, $0), "oneDNN", "bf16 matrix product")
        }
    }

    /// The same sums where no library multiplies bf16: operands widened, the result rounded once.
    private func productThroughFloat(
        _ a: MatrixView, _ ta: Bool, _ b: MatrixView, _ tb: Bool, into c: MatrixView, m: Int, n: Int, k: Int, beta: Float, bias: Tensor?
    ) {
        let wideA = widened(a), wideB = widened(b)
        guard c.tensor.format == .bfloat16 else {
            return floatProduct(wideA, ta, wideB, tb, into: c, m: m, n: n, k: k, beta: beta, bias: bias)
        }
        let wideC = widened(c)
        floatProduct(wideA, ta, wideB, tb, into: wideC, m: m, n: n, k: k, beta: beta, bias: bias)
        convert(wideC.tensor, into: c.tensor)
    }

    /// The same matrix in float32.
    func widened(_ view: MatrixView) -> MatrixView {
        MatrixView(asFloat(view.tensor), offset: view.offset, stride: view.stride)
    }
}
