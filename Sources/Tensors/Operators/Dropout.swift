// Dropout: which elements are dropped is a function of a seed and the element's place alone, so that the backward pass finds the same ones.
import Randomness

/// What decides a dropout: the seed of the pass, which a recorded step finds anew each time it runs, and the number of the dropout in the
/// pass.
public struct DropoutSeed: Sendable, Equatable {
    public let pass: UInt64
    public let number: UInt64

    public init(pass: UInt64, number: UInt64) {
        self.pass = pass
        self.number = number
    }

    /// The two as one number.
    public var value: UInt64 { SplitMix64.hash(pass &+ SplitMix64.hash(number)) }
}

/// What a device does for it.
protocol DropoutDevice {
    /// y = x / (1-p) where the seed keeps an element, 0 elsewhere; y may be x.
    func dropout(_ x: Tensor, probability: Float, seed: DropoutSeed, into y: Tensor)
}

extension Tape {
    /// Inverted dropout: elements are kept with probability 1-p and scaled by 1/(1-p). The identity where the mode has no dropout.
    public func dropout(_ x: Tensor, probability: Float) -> Tensor {
        guard mode.dropout, probability > 0 else { return x }
        let seed = nextDropoutSeed()
        let needs = records(x)
        let y = backend.empty(like: x, requiresGradient: needs)
        backend.perform("dropout", [x, y]) { (device: any DropoutDevice) in
            device.dropout(x, probability: probability, seed: seed, into: y)
        }
        if needs {
            let source = x.slot
            record(from: y) { [self] dy in
                backend.perform("dropout", [dy, dy]) { (device: any DropoutDevice) in
                    device.dropout(dy, probability: probability, seed: seed, into: dy)
                }
                send(dy, to: source)
            }
        }
        return y
    }
}
