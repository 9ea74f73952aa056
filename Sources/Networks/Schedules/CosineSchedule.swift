// The learning rate of each epoch, in closed form: PyTorch's CosineAnnealingLR(T_max = epochs, eta_min), or with restarts
// CosineAnnealingWarmRestarts(T_0 = restartEpochs, eta_min), stepped once per epoch.

import Foundation

public struct CosineSchedule: Schedule, Equatable {
    public static let name = "cosine", help = "half a cosine down to --min-lr, epoch by epoch"
    public let base: Double
    public let minimum: Double
    public let epochs: Int
    /// Number of epochs after which the cosine restarts; nil for one cosine over all epochs.
    public let restartEpochs: Int?

    public init(base: Double, minimum: Double, epochs: Int, restartEpochs: Int? = nil) {
        self.restartEpochs = restartEpochs
        self.base = base
        self.minimum = minimum
        self.epochs = epochs
    }

    public init(_ configuration: ScheduleConfiguration) {
        self.init(
            base: configuration.base, minimum: configuration.minimum, epochs: configuration.epochs,
            restartEpochs: configuration.restartEpochs)
    }

    public func learningRate(epoch: Int, batch: Int, of batches: Int) -> Double { learningRate(epoch: epoch) }

    /// minimum + (base - minimum) (1 + cos(pi epoch / epochs)) / 2, for epochs counted from 0, or from the last restart.
    public func learningRate(epoch: Int) -> Double {
        let epochs = restartEpochs ?? epochs, epoch = restartEpochs.map { epoch % max(1, $0) } ?? epoch
        guard epochs > 0 else { return base }
        return minimum + (base - minimum) * (1 + cos(Double.pi * Double(epoch) / Double(epochs))) / 2
    }
}
