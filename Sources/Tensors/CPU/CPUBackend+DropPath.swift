// Drop path on the CPU: a sum or a product for each sample.
import CKernels

extension CPUBackend: DropPathDevice {
    func dropPath(_ branch: Tensor, beside x: Tensor?, probability: Float, seed: DropoutSeed, into y: Tensor) {
        let each = branch.count / branch.shape[0]
        func sample(_ tensor: Tensor, _ number: Int) -> Tensor { tensor.viewed(as: [each], from: number * each) }
        for number in 0..<branch.shape[0] {
            let to = sample(y, number)
            guard vlseg_dropout_uniform(seed.value, UInt64(number)) >= probability else {
                if let x { convert(sample(x, number), into: to) } else { fill(to, 0) }
                continue
            }
            let factor = 1 / (1 - probability), from = sample(branch, number)
            if let x { add(sample(x, number), from, factor: factor, into: to) } else { scale(from, by: factor, into: to) }
        }
    }
}
