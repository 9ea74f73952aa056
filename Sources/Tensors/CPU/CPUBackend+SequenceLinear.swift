// The linear map over positions on the CPU: a matrix product for each image.
import CKernels

extension CPUBackend: SequenceLinearDevice {
    func sequenceProduct(_ weight: Tensor, transposed: Bool, bias: Tensor?, _ x: Tensor, into y: Tensor, accumulate: Bool) {
        precondition(!accumulate || bias == nil, "a sequence product that accumulates has no bias")
        let from = x.shape[1], to = y.shape[1], channels = x.channels, factor = weight.format == x.format ? weight : bfloat16(weight)
        for b in 0..<x.shape[0] {
            matrixProduct(
                MatrixView(factor), transposed: transposed, MatrixView(x, offset: b * from * channels), transposed: false,
                into: MatrixView(y, offset: b * to * channels), m: to, n: channels, k: from, beta: accumulate ? 1 : 0, bias: nil)
        }
        if let bias {
            vlseg_add_position_bias(y.rows64, Int64(to), y.channels64, bias.pointer, y.format == .bfloat16 ? 1 : 0, y.address)
        }
    }

    func sequenceWeightGradient(_ dy: Tensor, _ x: Tensor, into dweight: Tensor) {
        let from = x.shape[1], to = dy.shape[1], channels = x.channels
        for b in 0..<x.shape[0] {
            matrixProduct(
                MatrixView(dy, offset: b * to * channels), transposed: false, MatrixView(x, offset: b * from * channels), transposed: true,
                into: MatrixView(dweight), m: to, n: from, k: channels, beta: 1, bias: nil)
        }
    }

    func sequenceBiasGradient(_ dy: Tensor, into dbias: Tensor) {
        vlseg_position_bias_gradient(
            dy.rows64, Int64(dy.shape[1]), dy.channels64, dy.format == .bfloat16 ? 1 : 0, dy.address, dbias.pointer)
    }

    private func bfloat16(_ weight: Tensor) -> Tensor {
        let converted = empty(weight.shape, format: .bfloat16)
        convert(weight, into: converted)
        return converted
    }
}
