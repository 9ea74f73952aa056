// SGD on the CPU.
import CKernels

extension CPUBackend: SGDDevice {
    func sgd(
        _ values: Tensor, gradients: Tensor, momenta: Tensor, bfloat16Copy: Tensor?, settings: SGDSettings, guardedBy loss: Tensor?
    ) {
        if let loss, !loss.pointer[0].isFinite { return fill(gradients, 0) }
        vlseg_sgd(
            values.count64, values.pointer, gradients.pointer, momenta.pointer, variables.learningRate, settings.momentum,
            settings.weightDecay, bfloat16Copy?.halfPointer)
    }
}
