// Losses, metrics and the optimizer on the CPU.
import CFFTW
import CKernels

struct FourierKey: Hashable { let rows: Int, columns: Int }

/// Owns the plans of one map size.
final class FourierPlan {
    let handle: OpaquePointer
    init?(_ key: FourierKey) {
        guard let handle = vlseg_fourier_create(Int64(key.rows), Int64(key.columns)) else { return nil }
        self.handle = handle
    }
    deinit { vlseg_fourier_destroy(handle) }
}

extension CPUBackend {
    /// Pixels of one map of [B, H, W].
    private func pixels(_ shape: [Int]) -> Int64 { Int64(shape[1] * shape[2]) }

    public func diceSums(_ p: Tensor, _ target: ByteTensor) -> [DiceSums] {
        var sums = [Double](repeating: 0, count: p.shape[0] * 3)
        vlseg_dice_sums(Int64(p.shape[0]), pixels(p.shape), p.pointer, target.pointer, &sums)
        return (0..<p.shape[0]).map { DiceSums(intersection: sums[$0 * 3], prediction: sums[$0 * 3 + 1], target: sums[$0 * 3 + 2]) }
    }

    public func diceGradient(_ target: ByteTensor, targetFactors: [Float], constants: [Float], accumulateInto dp: Tensor) {
        vlseg_dice_gradient(Int64(dp.shape[0]), pixels(dp.shape), target.pointer, targetFactors, constants, dp.pointer)
    }

    public func entropy(_ p: Tensor, twoClass: Bool) -> Double { vlseg_entropy(p.count64, twoClass ? 1 : 0, p.pointer) }

    public func entropyGradient(_ p: Tensor, twoClass: Bool, factor: Float, accumulateInto dp: Tensor) {
        vlseg_entropy_gradient(p.count64, twoClass ? 1 : 0, factor, p.pointer, dp.pointer)
    }

    public func binaryCrossEntropy(_ p: Tensor, _ target: ByteTensor) -> Double { vlseg_bce(p.count64, p.pointer, target.pointer) }

    public func binaryCrossEntropyGradient(_ p: Tensor, _ target: ByteTensor, factor: Float, accumulateInto dp: Tensor) {
        vlseg_bce_gradient(p.count64, factor, p.pointer, target.pointer, dp.pointer)
    }

    public func spectralDistance(_ p: Tensor, _ target: ByteTensor, factor: Float, accumulateInto dp: Tensor?) -> Double {
        let rows = p.shape[1], columns = p.shape[2], half = columns / 2 + 1
        let key = FourierKey(rows: rows, columns: columns)
        guard let plan = fouriers[key] ?? FourierPlan(key) else {
            note(-1, "FFTW", "plan \(rows)x\(columns)")
            return .nan
        }
        fouriers[key] = plan
        let map = rows * columns
        let spectrumP = empty([rows, half, 2]), spectrumG = empty([rows, half, 2]), image = empty([rows, columns])
        var total = 0.0
        // The orthonormal transform is the plain one over sqrt(rows columns): both the value and the gradient carry 1/(rows columns).
        for index in 0..<p.shape[0] {
            let g = target.pointer + index * map
            for i in 0..<map { image.pointer[i] = Float(g[i]) }
            vlseg_fourier_forward(plan.handle, image.pointer, spectrumG.pointer)
            // FFTW wants its alignment: maps of odd sizes go through a buffer of their own.
            image.pointer.update(from: p.pointer + index * map, count: map)
            vlseg_fourier_forward(plan.handle, image.pointer, spectrumP.pointer)
            total += vlseg_spectral_terms(1, Int64(rows), Int64(half), Int64(columns), spectrumP.pointer, spectrumG.pointer)
            if let dp {
                vlseg_fourier_inverse(plan.handle, spectrumP.pointer, image.pointer)
                vlseg_accumulate(Int64(map), 2 * factor / Float(map), image.pointer, dp.pointer + index * map)
            }
        }
        return total / Double(map)
    }

    public func confusion(_ p: Tensor, _ target: ByteTensor, threshold: Float) -> [Confusion] {
        var counts = [Int64](repeating: 0, count: p.shape[0] * 4)
        vlseg_confusion(Int64(p.shape[0]), pixels(p.shape), threshold, p.pointer, target.pointer, &counts)
        return (0..<p.shape[0]).map {
            Confusion(
                truePositive: Int(counts[$0 * 4]), falsePositive: Int(counts[$0 * 4 + 1]), falseNegative: Int(counts[$0 * 4 + 2]),
                trueNegative: Int(counts[$0 * 4 + 3]))
        }
    }

    public func adamW(
        _ values: Tensor, gradients: Tensor, first: Tensor, second: Tensor, halves: Tensor?, learningRate: Float, beta1: Float,
        beta2: Float, epsilon: Float, weightDecay: Float, step: Int
    ) {
        vlseg_adamw_bf16(
            values.count64, values.pointer, gradients.pointer, first.pointer, second.pointer, learningRate, beta1, beta2, epsilon,
            weightDecay, Int64(step), halves?.halfPointer, 1)
    }
}
