// Convolutions on the GPU: cuDNN's where all channels go together, a plain kernel of our own for groups and for what the library lacks.
extension CUDABackend: ConvolutionDevice {
    /// A weight in the format of the maps.
    private func weight(_ weight: Tensor, for format: NumberFormat) -> Tensor {
        if weight.format == format { return weight }
        if let copy = weight.bfloat16Copy { return copy }
        let converted = empty(weight.shape, format: format)
        convert(weight, into: converted)
        return converted
    }

    func convolution(_ x: Tensor, weight: Tensor, shape: ConvolutionShape, into y: Tensor) {
        let plan = DeviceConvolution(shape: shape, format: x.format)
        if convolutions.has(.forward, plan) {
            let factor = self.weight(weight, for: x.format)
            return convolutions.run(
                plan, .forward, x: x.deviceAddress, weight: factor.deviceAddress, y: y.deviceAddress, arena: arena)
        }
        launch(.convolution, "convolution_any", x.format, grid: (elementBlocks(y.count, each: 1), 1, 1), y.count, shape, x, weight, y)
    }

    func convolutionDataGradient(_ dy: Tensor, weight: Tensor, shape: ConvolutionShape, into dx: Tensor) {
        let plan = DeviceConvolution(shape: shape, format: dx.format)
        if convolutions.has(.data, plan) {
            let factor = self.weight(weight, for: dx.format)
            return convolutions.run(plan, .data, x: dx.deviceAddress, weight: factor.deviceAddress, y: dy.deviceAddress, arena: arena)
        }
        launch(
            .convolution, "convolution_any_data", dx.format, grid: (elementBlocks(dx.count, each: 1), 1, 1), dx.count, shape, dy, weight, dx
        )
    }

    func convolutionWeightGradient(_ x: Tensor, _ dy: Tensor, shape: ConvolutionShape, into dweight: Tensor) {
        let plan = DeviceConvolution(shape: shape, format: x.format)
        if convolutions.has(.weight, plan) {
            let gradient = x.format == dweight.format ? dweight : empty(dweight.shape, format: x.format)
            convolutions.run(plan, .weight, x: x.deviceAddress, weight: gradient.deviceAddress, y: dy.deviceAddress, arena: arena)
            if gradient !== dweight { convert(gradient, into: dweight) }
            return
        }
        launch(.convolution, "convolution_any_weight", x.format, grid: (dweight.count, 1, 1), dy.rows, shape, x, dy, dweight)
    }
}

/// convolution_window in convolution.cu.
extension ConvolutionShape: KernelArgument {
    func add(to arguments: inout KernelArguments) {
        func pair(_ low: Int, _ high: Int) -> UInt64 { UInt64(UInt32(low)) | UInt64(UInt32(high)) << 32 }
        arguments.add(
            pair(height, width), pair(input, output), pair(outHeight, outWidth), pair(kernel.rows, kernel.columns),
            pair(stride.rows, stride.columns), pair(padding.rows, padding.columns), pair(dilation.rows, dilation.columns),
            pair(groups, 0))
    }
}
