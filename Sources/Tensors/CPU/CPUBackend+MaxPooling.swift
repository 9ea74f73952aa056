// Max pooling on the CPU.
import CKernels

extension CPUBackend: MaxPoolingDevice {
    func maxPool(_ x: Tensor, size: Int, into y: Tensor, places: ByteTensor?) {
        vlseg_max_pool(
            Int64(x.shape[0]), Int64(x.shape[1]), Int64(x.shape[2]), x.channels64, Int64(size), x.format == .bfloat16 ? 1 : 0, x.address,
            y.address,
            places?.pointer)
    }

    func maxPoolGradient(_ dy: Tensor, places: ByteTensor, size: Int, into dx: Tensor, accumulate: Bool) {
        vlseg_max_pool_gradient(
            Int64(dx.shape[0]), Int64(dx.shape[1]), Int64(dx.shape[2]), dx.channels64, Int64(size), dx.format == .bfloat16 ? 1 : 0,
            dy.address,
            places.pointer, dx.address, accumulate ? 1 : 0)
    }
}
