// Images by constants on the CPU: a table of the 256 values of each channel.
import CKernels

extension CPUBackend: ImageScalingDevice {
    func scaleImages(_ x: ByteTensor, _ scaling: ImageScaling, into y: Tensor) {
        let table: [Float] = (0..<3).flatMap { channel in
            let scale: Float = scaling.scale[channel], shift: Float = scaling.shift[channel]
            return (0..<256).map { Float($0) * scale + shift }
        }
        let wide = y.format == .float32 ? y : empty(y.shape)
        vlseg_map_images(Int64(y.count / 3), Int64(x.shape[3]), table, scaling.reversesChannels ? 1 : 0, x.pointer, wide.pointer)
        if wide !== y { convert(wide, into: y) }
    }
}
