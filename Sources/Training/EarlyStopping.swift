// When to stop: after `patience` epochs without a lower validation loss, but never before `minimumEpochs`.
// Part of the trainer's saved state, so it is a plain value.

public struct EarlyStopping: Codable, Sendable, Equatable {
    public let minimumEpochs: Int
    public let patience: Int
    /// The lowest validation loss so far and its epoch, counted from 0; nil before the first epoch has ended.
    public private(set) var best: Double?
    public private(set) var bestEpoch: Int?
    public private(set) var epochsWithoutImprovement = 0

    public init(minimumEpochs: Int, patience: Int) {
        self.minimumEpochs = minimumEpochs
        self.patience = patience
    }

    /// Records an epoch's validation loss. Returns whether it is the best so far; an equal loss is not better.
    public mutating func record(_ loss: Double, epoch: Int) -> Bool {
        if let best, !(loss < best) {
            epochsWithoutImprovement += 1
            return false
        }
        best = loss
        bestEpoch = epoch
        epochsWithoutImprovement = 0
        return true
    }

    /// Whether training should stop after `epoch`, counted from 0.
    public func shouldStop(after epoch: Int) -> Bool {
        epoch + 1 >= minimumEpochs && epochsWithoutImprovement >= patience
    }
}
