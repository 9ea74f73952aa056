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

extension CPUBackend: SegmentationLossDevice, ConfusionDevice, AdamWDevice {
    /// Pixels of one map of [B, H, W].
    private func pixels(_ shape: [Int]) -> Int64 { Int64(shape[1] * shape[2]) }

    func segmentationLoss(_ p: Tensor, _ target: ByteTensor, weights: LossWeights, terms: Tensor, gradient: Tensor?) {
        let count = Double(p.count), maps = Int64(p.shape[0])
        var parts: [LossWeights.Term: Double] = [:]
        if let gradient { fill(gradient, 0) }
        if weights.dice != 0 {
            var sums = [Double](repeating: 0, count: p.shape[0] * 3)
            vlseg_dice_sums(maps, pixels(p.shape), p.pointer, target.pointer, &sums)
            let map = Int(pixels(p.shape))
            if weights.squares {
                for b in 0..<p.shape[0] { sums[b * 3 + 1] = vlseg_dot(Int64(map), p.pointer + b * map, p.pointer + b * map) }
            }
            if weights.acrossBatch {
                let whole = (0..<3).map { kind in stride(from: kind, to: sums.count, by: 3).reduce(0) { $0 + sums[$1] } }
                sums = (0..<p.shape[0]).flatMap { _ in whole }
            }
            let quotients = (0..<p.shape[0]).map {
                (numerator: 2 * sums[$0 * 3] + weights.smoothing, denominator: sums[$0 * 3 + 1] + sums[$0 * 3 + 2] + weights.smoothing)
            }
            let batch = Double(p.shape[0]), weight = Double(weights.dice)
            // An image's pixels are in one of as many quotients as images, or in the one of all.
            let share = weights.acrossBatch ? 1 : batch
            parts[.dice] = 1 - quotients.reduce(0) { $0 + $1.numerator / $1.denominator } / batch
            if let gradient {
                let ofSums = quotients.map { Float(weight * $0.numerator / (share * $0.denominator * $0.denominator)) }
                vlseg_dice_gradient(
                    maps, pixels(p.shape), target.pointer, quotients.map { Float(-2 * weight / (share * $0.denominator)) },
                    weights.squares ? ofSums.map { _ in 0 } : ofSums, gradient.pointer)
                if weights.squares {
                    for b in 0..<p.shape[0] { vlseg_accumulate(Int64(map), 2 * ofSums[b], p.pointer + b * map, gradient.pointer + b * map) }
                }
            }
        }
        if weights.crossEntropy != 0, weights.balanced {
            parts[.crossEntropy] = balancedCrossEntropy(p, target, weight: weights.crossEntropy, accumulateInto: gradient)
        } else if weights.crossEntropy != 0 {
            parts[.crossEntropy] = vlseg_bce(p.count64, p.pointer, target.pointer) / count
            if let gradient {
                vlseg_bce_gradient(p.count64, Float(Double(weights.crossEntropy) / count), p.pointer, target.pointer, gradient.pointer)
            }
        }
        if weights.spectral != 0 {
            parts[.spectral] = spectralDistance(p, target, factor: weights.spectral / Float(count), accumulateInto: gradient) / count
        }
        if weights.entropy != 0 {
            let form: Int32 = weights.twoClass ? 1 : 0
            parts[.entropy] = vlseg_entropy(p.count64, form, p.pointer) / count
            if let gradient { vlseg_entropy_gradient(p.count64, form, weights.entropy / Float(count), p.pointer, gradient.pointer) }
        }
        parts[.total] = weights.total(parts)
        for term in LossWeights.Term.allCases { terms.pointer[term.rawValue] = Float(parts[term] ?? 0) }
    }

    /// Half the mean over each class's pixels; adds `weight` times its gradient to `dp` if given.
    private func balancedCrossEntropy(_ p: Tensor, _ target: ByteTensor, weight: Float, accumulateInto dp: Tensor?) -> Double {
        var sums = [0.0, 0.0]
        vlseg_bce_classes(p.count64, p.pointer, target.pointer, &sums)
        let foreground = UnsafeBufferPointer(start: target.pointer, count: target.count).reduce(0) { $0 + Int($1) }
        let counts = [target.count - foreground, foreground].map { 2 * Double(max(1, $0)) }
        if let dp {
            vlseg_bce_classes_gradient(p.count64, counts.map { Float(Double(weight) / $0) }, p.pointer, target.pointer, dp.pointer)
        }
        return sums[0] / counts[0] + sums[1] / counts[1]
    }

    /// Sum over the whole spectrum of (|F p| - |F g|)^2 with the orthonormal transform; adds `factor` times its gradient to `dp` if given.
    private func spectralDistance(_ p: Tensor, _ target: ByteTensor, factor: Float, accumulateInto dp: Tensor?) -> Double {
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

    func confusion(_ p: Tensor, _ target: ByteTensor, threshold: Float) -> [Confusion] {
        var counts = [Int64](repeating: 0, count: p.shape[0] * 4)
        vlseg_confusion(Int64(p.shape[0]), pixels(p.shape), threshold, p.pointer, target.pointer, &counts)
        return (0..<p.shape[0]).map {
            Confusion(
                truePositive: Int(counts[$0 * 4]), falsePositive: Int(counts[$0 * 4 + 1]), falseNegative: Int(counts[$0 * 4 + 2]),
                trueNegative: Int(counts[$0 * 4 + 3]))
        }
    }

    func adamW(
        _ values: Tensor, gradients: Tensor, firstMoment: Tensor, secondMoment: Tensor, bfloat16Copy: Tensor?, settings: AdamWSettings,
        guardedBy loss: Tensor?
    ) {
        if let loss, !loss.pointer[0].isFinite { return fill(gradients, 0) }
        vlseg_adamw_bf16(
            values.count64, values.pointer, gradients.pointer, firstMoment.pointer, secondMoment.pointer, variables.learningRate,
            settings.beta1,
            settings.beta2, settings.epsilon, settings.weightDecay, Int64(variables.step), bfloat16Copy?.halfPointer, 1)
    }
}
