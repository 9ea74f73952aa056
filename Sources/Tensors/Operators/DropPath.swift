// Drop path (stochastic depth): a branch of a residual block is left out for whole samples while training. Not for single elements
// (`Tape.dropout`).

/// What a device does for it.
protocol DropPathDevice {
    /// y = x + k branch, or y = k branch without x; k is 0 for the samples that the seed drops and 1 / (1 - probability) for the others.
    /// Samples are the first dimension; y may be branch.
    func dropPath(_ branch: Tensor, beside x: Tensor?, probability: Float, seed: DropoutSeed, into y: Tensor)
}

extension Tape {
    /// y = x + k branch, equal shapes; k, one number for each sample b of the first dimension, is 0 with the probability given and
    /// 1 / (1 - probability) otherwise: a function of the pass's seed, the number of the dropout in the pass, and b. dx = dy, dbranch = k
    /// dy. The plain sum where the mode has no dropout.
    public func addPath(_ x: Tensor, _ branch: Tensor, dropped probability: Float) -> Tensor {
        guard mode.dropout, probability > 0 else { return add(x, branch) }
        precondition(
            x.shape == branch.shape && x.format == branch.format && probability < 1, "addPath: \(x.shape) and \(branch.shape) differ")
        let seed = nextDropoutSeed(), needs = records(x, branch)
        let y = backend.empty(like: x, requiresGradient: needs)
        backend.perform("drop path", [x, branch, y]) { (device: any DropPathDevice) in
            device.dropPath(branch, beside: x, probability: probability, seed: seed, into: y)
        }
        if needs {
            let first = x.slot, second = branch.slot
            record(from: y) { [self] dy in
                if second.isWanted {
                    let dbranch = backend.empty(like: dy)
                    backend.perform("drop path", [dy, dbranch]) { (device: any DropPathDevice) in
                        device.dropPath(dy, beside: nil, probability: probability, seed: seed, into: dbranch)
                    }
                    send(dbranch, to: second)
                }
                send(dy, to: first)
            }
        }
        return y
    }
}
