// Losses, metrics and the optimizer on the GPU. Fourier transforms are matrix products: at these sizes they take a fraction of a
// millisecond in float32, and no further library is needed.
import Foundation

/// Tables for the orthonormal transform of maps [H, W] into half spectra: float32, computed in double.
struct FourierTables {
    let half: Int
    /// cos and -sin over columns: [W, half] each, divided by sqrt(W).
    let cosines: Tensor, sines: Tensor
    /// [[C, S], [-S, C]] over rows: [2 H, 2 H], divided by sqrt(H). The product maps real and imaginary parts, one below the other, to
    /// those of the spectrum.
    let rows: Tensor

    init(height: Int, width: Int, _ backend: CUDABackend) {
        let half = width / 2 + 1
        self.half = half
        func angle(_ a: Int, _ b: Int, _ n: Int) -> Double { 2 * Double.pi * Double(a * b % n) / Double(n) }
        let columnScale = 1 / Double(width).squareRoot(), rowScale = 1 / Double(height).squareRoot()
        let columns = (0..<width).flatMap { w in (0..<half).map { angle(w, $0, width) } }
        cosines = backend.tensor(columns.map { Float(cos($0) * columnScale) }, [width, half])
        sines = backend.tensor(columns.map { Float(-sin($0) * columnScale) }, [width, half])
        rows = backend.tensor(
            (0..<(2 * height)).flatMap { u in
                (0..<(2 * height)).map { h in
                    let value = angle(u % height, h % height, height)
                    switch (u < height, h < height) {
                    case (true, true), (false, false): return Float(cos(value) * rowScale)
                    case (true, false): return Float(sin(value) * rowScale)
                    case (false, true): return Float(-sin(value) * rowScale)
                    }
                }
            }, [2 * height, 2 * height])
    }
}

extension CUDABackend: SegmentationLossDevice, ConfusionDevice, AdamWDevice {
    /// Number of parts of an image; each block of a sum takes one part.
    private static let stretches = 16

    func segmentationLoss(_ p: Tensor, _ target: ByteTensor, weights: LossWeights, terms: Tensor, gradient: Tensor?) {
        let batch = p.shape[0], pixels = p.shape[1] * p.shape[2], share = 1 / Float(p.count)
        let sums = arena.block(bytes: batch * Self.stretches * 6 * 8), factors = arena.block(bytes: (batch + 1) * 8)
        launch(.losses, "loss_sums", .float32, grid: (Self.stretches, batch, 1), pixels, weights, p, target, sums)
        let spectral = weights.spectral != 0 ? spectralDistance(p, target, factor: 2 * weights.spectral * share) : nil
        launch(
            .losses, "loss_terms", .float32, grid: (1, 1, 1), Int32(batch), Int32(Self.stretches), pixels, weights, sums,
            Int32(spectral?.blocks ?? 0), spectral?.sums, terms, factors)
        guard let gradient else { return }
        launch(
            .losses, "loss_gradient", .float32, grid: (min((pixels + 1023) / 1024, 64), batch, 1), pixels, weights, share, p, target,
            factors,
            gradient)
        spectral?.addGradient(gradient)
    }

    /// Partial sums of the spectral term, and the addition of its gradient to that of the probabilities.
    private struct SpectralDistance {
        let sums: Storage
        let blocks: Int
        let addGradient: (Tensor) -> Void
    }

    private func spectralDistance(_ p: Tensor, _ target: ByteTensor, factor: Float) -> SpectralDistance {
        let batch = p.shape[0], height = p.shape[1], width = p.shape[2]
        let tables = fourierTables[[height, width]] ?? FourierTables(height: height, width: width, self)
        fourierTables[[height, width]] = tables
        let half = tables.half, map = height * width, plane = height * half
        let maps = empty([2 * batch, height, width]), lines = empty([2 * batch, 2 * height, half]), spectra = empty(lines.shape)
        launch(.losses, "loss_maps", .float32, grid: (elementBlocks(p.count), 1, 1), p.count, p, target, maps)
        func product(
            _ m: Int, _ n: Int, _ k: Int, ta: Bool = false, tb: Bool = false, strides: (Int, Int, Int), batches: (Int, Int, Int),
            _ count: Int,
            accumulates: Bool = false, _ a: UInt64, _ b: UInt64, _ c: UInt64
        ) {
            products.run(
                DeviceProduct(
                    m: m, n: n, k: k, transposedA: ta, transposedB: tb, strideA: strides.0, strideB: strides.1, strideC: strides.2,
                    formatA: .float32, formatC: .float32, accumulates: accumulates, hasBias: false, batch: count, batchStrideA: batches.0,
                    batchStrideB: batches.1, batchStrideC: batches.2, isExact: true), a: a, b: b, c: c)
        }
        // First the rows of every map, then the columns of the real and imaginary parts.
        for (index, table) in [tables.cosines, tables.sines].enumerated() {
            product(
                height, half, width, strides: (width, half, half), batches: (map, 0, 2 * plane), 2 * batch, maps.deviceAddress,
                table.deviceAddress, lines.deviceAddress + UInt64(index * plane * 4))
        }
        product(
            2 * height, half, 2 * height, strides: (2 * height, half, half), batches: (0, 2 * plane, 2 * plane), 2 * batch,
            tables.rows.deviceAddress, lines.deviceAddress, spectra.deviceAddress)
        let blocks = min(elementBlocks(batch * plane), device.info.multiprocessors * 4)
        let sums = arena.block(bytes: blocks * 8)
        launch(
            .losses, "spectral_terms", .float32, grid: (blocks, 1, 1), Int32(batch), height, Int32(half), Int32(width), factor, spectra,
            sums)
        return SpectralDistance(sums: sums, blocks: blocks) { gradient in
            // The transposes of the same products; the last one adds to the gradient.
            product(
                2 * height, half, 2 * height, ta: true, strides: (2 * height, half, half), batches: (0, 2 * plane, 2 * plane), batch,
                tables.rows.deviceAddress, spectra.deviceAddress, lines.deviceAddress)
            for (index, table) in [tables.cosines, tables.sines].enumerated() {
                product(
                    height, width, half, tb: true, strides: (half, half, width), batches: (2 * plane, 0, map), batch, accumulates: true,
                    lines.deviceAddress + UInt64(index * plane * 4), table.deviceAddress, gradient.deviceAddress)
            }
        }
    }

    func confusion(_ p: Tensor, _ target: ByteTensor, threshold: Float) -> [Confusion] {
        let batch = p.shape[0], counts = arena.block(bytes: batch * 32)
        launch(.losses, "confusion", .float32, grid: (batch, 1, 1), p.shape[1] * p.shape[2], threshold, p, target, counts)
        var found = [Int](repeating: 0, count: batch * 4)
        found.withUnsafeMutableBytes { transfers.download(from: counts.deviceAddress, to: $0) }
        return (0..<batch).map {
            Confusion(
                truePositive: found[$0 * 4], falsePositive: found[$0 * 4 + 1], falseNegative: found[$0 * 4 + 2],
                trueNegative: found[$0 * 4 + 3])
        }
    }

    func adamW(
        _ values: Tensor, gradients: Tensor, firstMoment: Tensor, secondMoment: Tensor, bfloat16Copy: Tensor?, settings: AdamWSettings,
        guardedBy loss: Tensor?
    ) {
        precondition(values.count % 4 == 0, "a flat buffer of \(values.count) numbers; expected a multiple of 4")
        launch(
            .optimizer, "adamw", .float32, grid: (elementBlocks(values.count), 1, 1), values.count, values, gradients, firstMoment,
            secondMoment,
            bfloat16Copy,
            variables, settings.beta1, settings.beta2, settings.epsilon, settings.weightDecay, loss)
    }
}
