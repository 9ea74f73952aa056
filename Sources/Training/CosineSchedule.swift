// The learning rate of each epoch: PyTorch's CosineAnnealingLR(T_max = epochs, eta_min), stepped once per epoch, in closed form.

import Foundation

public struct CosineSchedule: Sendable, Equatable {
    public let base: Double
    public let minimum: Double
    public let epochs: Int

    public init(base: Double, minimum: Double, epochs: Int) {
        self.base = base
        self.minimum = minimum
        self.epochs = epochs
    }

    /// minimum + (base - minimum) (1 + cos(pi epoch / epochs)) / 2, for epochs counted from 0.
    public func learningRate(epoch: Int) -> Double {
        guard epochs > 0 else { return base }
        return minimum + (base - minimum) * (1 + cos(Double.pi * Double(epoch) / Double(epochs))) / 2
    }
}
